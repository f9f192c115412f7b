// A diagram that can be stepped through. The server draws it: a step brings the
// pieces of the picture that it changes, so the record can be walked both ways.

const windowRows = 150; // more are not kept in the page at once
const still = matchMedia("(prefers-reduced-motion: reduce)");
const svg = "http://www.w3.org/2000/svg";

export class Diagram {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector(".canvas");
    this.heads = root.querySelector(".heads");
    this.rows = root.querySelector(".rows");
    this.layers = Object.fromEntries([...root.querySelectorAll("[data-layer]")].map((g) => [g.dataset.layer, g]));
    this.range = root.querySelector("input[type=range]");
    this.follow = root.querySelector("[data-step=follow]");
    this.now = root.querySelector(".now");
    this.list = root.querySelector(".events ol");
    this.wider = root.querySelector(".wider");
    this.fit = root.querySelector("[data-step=fit]");
    this.shown = () => {}; // called with the number of the last event that is shown
    this.offer = null; // called with the steps at a place that was clicked
    this.range.addEventListener("input", () => this.stand(Number(this.range.value)));
    this.follow.addEventListener("change", () => this.follow.checked && this.show(this.steps.length));
    this.fit.addEventListener("change", () => this.resize());
    this.canvas.addEventListener("scroll", () => this.edge());
    this.rows.addEventListener("click", (e) => this.offer?.(this.near(e), e));
    for (const b of root.querySelectorAll("button[data-step]")) b.addEventListener("click", () => this.move(b.dataset.step));
    new ResizeObserver(() => this.resize()).observe(this.canvas);
    this.begin({ width: 600, top: 72, pitch: 30, heads: "" });
  }

  // begin shows an empty diagram.
  begin(frame) {
    clearTimeout(this.timer);
    this.timer = 0; // of the next step, if it is to come by itself
    this.steps = [];
    this.at = 0; // how many steps are shown
    this.low = 0; // the first row that is kept
    this.pieces = new Map(); // by ID: what is shown, or would be in a larger window
    this.elements = new Map();
    for (const g of Object.values(this.layers)) g.replaceChildren();
    this.list.replaceChildren();
    this.frame = frame;
    this.resize();
    this.say();
  }

  // add takes further steps.
  add(steps) {
    for (const s of steps) {
      this.steps.push({ ...s, before: null });
      if (s.frame) this.frame = s.frame;
      const line = document.createElement("li");
      line.textContent = s.words;
      line.hidden = true;
      this.list.append(line);
    }
    if (!this.follow.checked) this.say();
    else if (still.matches) this.show(this.steps.length);
    else if (!this.timer) this.run();
  }

  // run shows what has come, one event after another, at a pace that can be followed.
  run() {
    const left = this.steps.length - this.at;
    this.timer = 0;
    if (!left || !this.follow.checked) return;
    this.show(this.at + 1);
    this.timer = setTimeout(() => this.run(), Math.min(300, 9000 / left));
  }

  // near lists the steps at the place of a click: of its row, or of its arrow.
  near(e) {
    const y = new DOMPoint(e.clientX, e.clientY).matrixTransform(this.rows.getScreenCTM().inverse()).y;
    const row = Math.round((y - this.frame.top) / this.frame.pitch);
    const piece = [...this.elements].find(([, g]) => g.contains(e.target))?.[0].replace("label", "arrow");
    return this.steps.slice(0, this.at).filter((s) => s.rows - 1 === row || /arrow/.test(piece) && s.pieces.some((p) => p.id === piece));
  }

  move(how) {
    const to = { first: Math.min(1, this.steps.length), back: this.at - 1, on: this.at + 1, last: this.steps.length }[how];
    this.stand(Math.max(0, Math.min(this.steps.length, to)));
  }

  // stand shows a step because the reader wants it so.
  stand(n) {
    this.follow.checked = false;
    this.show(n);
  }

  show(n) {
    this.list.children[this.at - 1]?.removeAttribute("aria-current");
    while (this.at < n) this.forward();
    while (this.at > n) this.back();
    for (const g of this.root.querySelectorAll(".fresh")) g.removeAttribute("class");
    for (const p of this.steps[this.at - 1]?.pieces ?? []) this.elements.get(p.id)?.setAttribute("class", "fresh");
    this.resize();
    this.say();
  }

  forward() {
    const step = this.steps[this.at];
    step.before = step.pieces.map((p) => this.pieces.get(p.id));
    for (const p of step.pieces) this.put(p.id, p);
    this.list.children[this.at].hidden = false;
    this.at++;
  }

  back() {
    this.at--;
    const step = this.steps[this.at];
    step.pieces.forEach((p, i) => this.put(p.id, step.before[i]));
    this.list.children[this.at].hidden = true;
  }

  // put shows a piece in the place of an earlier one, or takes it away.
  put(id, piece) {
    if (piece) this.pieces.set(id, piece);
    else this.pieces.delete(id);
    this.paint(id, piece);
  }

  paint(id, piece) {
    let g = this.elements.get(id);
    if (!piece || piece.row < this.low) {
      g?.remove();
      this.elements.delete(id);
      return;
    }
    if (!g) {
      g = document.createElementNS(svg, "g");
      this.elements.set(id, g);
      this.layers[piece.layer].append(g);
    }
    g.innerHTML = piece.svg;
  }

  // resize fits the picture to its rows, and forgets those that are far up.
  resize() {
    const rows = this.at ? this.steps[this.at - 1].rows : 0;
    const low = Math.max(0, rows - windowRows);
    if (low !== this.low) {
      this.low = low;
      for (const [id, p] of this.pieces) if ((p.row >= low) !== this.elements.has(id)) this.paint(id, p);
    }
    const { width, top, pitch, heads } = this.frame;
    const from = top - pitch / 2 + low * pitch;
    const height = Math.max(3, rows - low) * pitch + pitch / 2;
    const room = (this.canvas.clientWidth || width) / width;
    const scale = Math.max(this.fit.checked ? 0 : 0.96, Math.min(1, room));
    size(this.heads, scale, width, 36, `0 ${top - 60} ${width} 36`);
    size(this.rows, scale, width, height, `0 ${from - pitch / 2} ${width} ${height}`);
    if (this.painted !== heads) this.heads.innerHTML = this.painted = heads;
    this.canvas.scrollTop = this.canvas.scrollHeight;
    this.wider.hidden = room > 0.95;
    this.edge();
  }

  // edge marks the side at which there is more.
  edge() {
    const { scrollLeft, scrollWidth, clientWidth } = this.canvas;
    this.canvas.classList.toggle("more", scrollLeft + clientWidth < scrollWidth - 2);
  }

  say() {
    const step = this.steps[this.at - 1];
    this.range.max = this.steps.length;
    this.range.value = this.at;
    const where = `${this.at} of ${this.steps.length}`;
    this.range.setAttribute("aria-valuetext", step ? `${where}: ${step.words}` : where);
    this.now.textContent = step ? `${where}. ${step.words}` : "Nothing has happened yet.";
    const line = this.list.children[this.at - 1];
    line?.setAttribute("aria-current", "step");
    if (line && this.list.parentElement.open) this.list.scrollTop = line.offsetTop - this.list.offsetTop - this.list.clientHeight / 2;
    this.shown(step ? step.seq : 0);
  }

  // key carries out a key, and tells whether it is one of the diagram's.
  key(name) {
    const how = { ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" }[name];
    if (how) this.move(how);
    else if (name === "f") this.follow.click();
    else return false;
    return true;
  }
}

function size(picture, scale, width, height, box) {
  picture.setAttribute("width", scale * width);
  picture.setAttribute("height", scale * height);
  picture.setAttribute("viewBox", box);
}

// typing tells whether a key is meant for a field.
export const typing = (e) => e.ctrlKey || e.metaKey || e.altKey || e.target.matches("input:not([type=checkbox]), select, textarea, dialog *");
