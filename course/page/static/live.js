import { Diagram, typing } from "./diagram.js";
import { follow, post } from "./job.js";
import { offer } from "./offer.js";
import { ledgers, meter, services } from "./state.js";
import { tellCommand, tellReply } from "./log.js";

// live is the pane beside a lesson: it starts the chapter's services, shows
// what they say, and passes on what the reader does to them.
export function live(reveal) {
  const side = document.getElementById("live");
  if (side) new Live(side, reveal).resume();
}

class Live {
  constructor(side, reveal) {
    this.side = side;
    this.reveal = reveal;
    this.chapter = document.body.dataset.chapter;
    this.diagram = new Diagram(side.querySelector(".diagram"));
    this.lines = new Map(); // what the reader did, by its number
    this.replies = new Map(); // and promises of the replies
    this.turn = 0; // counts what begins anew
    this.diagram.shown = (seq) => this.showState(seq);
    this.diagram.offer = (steps, e) => offer(side.querySelector(".offer"), steps, e, (point, kind) => this.strike(point, kind));
    this.places = Object.fromEntries([...side.querySelectorAll("[data-show]")].map((e) => [e.dataset.show, e]));
    this.actions = {
      start: () => this.start(),
      stop: () => this.stop(),
      reset: () => this.reset(),
      settle: () => this.send({ do: "settle" }),
    };
    side.addEventListener("click", (e) => this.actions[e.target.dataset?.do]?.());
    side.addEventListener("submit", (e) => this.submit(e));
    side.addEventListener("change", (e) => this.changed(e.target));
    side.addEventListener("input", (e) => this.changed(e.target));
    side.addEventListener("keydown", (e) => this.key(e));
    for (const b of document.querySelectorAll(".beside")) {
      b.hidden = false;
      b.addEventListener("click", () => this.beside(b.dataset));
    }
  }

  form(name) {
    return this.side.querySelector(`form[data-command=${name}]`);
  }

  // part shows one part of the pane. Whose focus is in another keeps it here.
  part(name) {
    const away = document.activeElement.closest("#live [data-part]");
    for (const p of this.side.querySelectorAll("[data-part]")) p.hidden = p.dataset.part !== name;
    if (away?.hidden) this.side.focus({ preventScroll: true });
    this.side.dataset.now = name;
  }

  say(text) {
    this.places.said.textContent = this.said = text;
  }

  // The tab keeps its job over a reload.
  get id() {
    return sessionStorage.getItem("live " + this.chapter);
  }

  set id(id) {
    if (id) sessionStorage.setItem("live " + this.chapter, id);
    else sessionStorage.removeItem("live " + this.chapter);
  }

  // resume shows what this tab has started, or breaks an order at once if home's
  // button led here.
  resume() {
    const first = document.querySelector(".beside");
    if (location.hash === "#break" && first) {
      history.replaceState(null, "", location.pathname);
      this.end();
      first.scrollIntoView({ block: "center" });
      first.click();
    } else if (this.id) this.listen();
    else this.part("idle");
  }

  async start() {
    this.reveal();
    this.part("building");
    try {
      this.id = (await (await post(`/-/live/${this.chapter}`)).json()).id;
      this.listen();
    } catch (err) {
      this.fail(err.message);
    }
  }

  listen() {
    this.stopped = false;
    this.lines.clear();
    this.replies.clear();
    this.variant = null;
    this.source?.close();
    const take = (list) => this.take(list);
    const lost = (yes) => this.lost(yes);
    this.source = follow(this.id, take, lost, () => {
      this.id = null;
      if (this.side.dataset.now === "stage" || this.side.dataset.now === "building") this.fail("The services have ended, because no page looked at them for a while or the course was started anew.");
      else this.part("idle");
    });
  }

  lost(yes) {
    if (yes) this.say("The course's server does not answer. Is go run . still running? This page waits for it.");
    else if (this.wasLost) this.say("The course's server answers again.");
    this.wasLost = yes;
  }

  fail(text) {
    this.source?.close();
    this.places.failure.textContent = text;
    this.part("failed");
  }

  stop() {
    this.end();
    this.part("idle");
  }

  end() {
    this.source?.close();
    if (this.id) fetch(`/-/jobs/${this.id}`, { method: "DELETE" });
    this.id = null;
  }

  // take shows what has come, all steps in one go.
  take(list) {
    let steps = [];
    const flush = () => {
      if (steps.length) this.diagram.add(steps);
      if (steps.length) this.points(steps);
      steps = [];
    };
    for (const [name, data] of list) {
      if (name === "step") {
        steps.push(data);
        continue;
      }
      flush();
      this[name](data);
    }
    flush();
  }

  building(seconds) {
    if (this.side.dataset.now !== "building") this.part("building");
    this.places.seconds.textContent = seconds;
  }

  failed(text) {
    this.stopped = true;
    this.fail(text);
    this.end();
  }

  ended() {
    if (!this.stopped) this.failed("The chapter's program has ended.");
  }

  hello(hello) {
    this.hi = hello;
    this.states = [];
    this.shownState = null;
    this.failure = "";
    if (hello.variant !== this.variant) {
      this.seen = new Set(); // the points of a variant are the same in every run
      options(this.form("plan").elements.point, []);
      this.kinds();
    }
    this.variant = hello.variant;
    for (const [id, line] of this.lines) if (line.dataset.done) this.lines.delete(id);
    this.places.log.replaceChildren(...[...this.lines.values()].reverse());
    this.places.ledgers.replaceChildren();
    const play = this.form("play").elements;
    options(play.variant, hello.variants.map((v) => [v.name, v.name, v.about]), hello.variant);
    options(play.scenario, hello.scenarios.map((s) => [s.name]), play.scenario.value);
    const peers = hello.columns.slice(1);
    const next = this.form("next").elements;
    const cut = this.form("cut").elements;
    const all = hello.columns.map((c) => [c]);
    options(next.kind, hello.kinds.map((k) => [k.name, k.name, k.about]), next.kind.value);
    options(next.service, [["", "any"], ...all], next.service.value);
    options(next.peer, [["", "any"], ...all.slice(1)], next.peer.value);
    options(cut.service, all, cut.service.value || peers[0]);
    options(cut.peer, all, cut.peer.value || (peers[1] ?? hello.columns[0]));
    this.part("stage");
    this.preview();
    this.diagram.follow.checked = true;
    this.diagram.begin(hello.frame);
    services(this.places.services, peers, [], false, (command) => this.send(command));
    meter(this.places.meter, null);
    this.fill(hello.scenarios[0]?.orders?.[0]);
    this.say("The services are up.");
  }

  // points adds what the run has passed to the list of places for a fault.
  points(steps) {
    const select = this.form("plan").elements.point;
    for (const s of steps) {
      if (!s.point || this.seen.has(s.point)) continue;
      this.seen.add(s.point);
      const option = new Option(s.point, s.point);
      option.dataset.kinds = JSON.stringify(s.kinds);
      select.add(option);
    }
    if (!this.form("plan").elements.kind.options.length) this.kinds();
  }

  kinds() {
    const { point, kind } = this.form("plan").elements;
    const chosen = point.selectedOptions[0];
    options(kind, chosen ? JSON.parse(chosen.dataset.kinds).map((k) => [k]) : [], kind.value);
    this.preview();
  }

  // planned is the fault that the form names.
  planned() {
    const { point, kind, fault } = this.form("plan").elements;
    return fault.value.trim() || (kind.value && point.value ? `${kind.value} @ ${point.value}` : "");
  }

  preview() {
    const fault = this.planned();
    const { variant, scenario } = this.form("play").elements;
    const code = document.createElement("code");
    code.textContent = `go run ./${this.chapter} -variant '${variant.value}' -scenario '${scenario.value}' -fault '${fault}'`;
    this.places.preview.replaceChildren(...(fault ? ["In a terminal: ", code] : ["Play a scenario first: then its points are here."]));
  }

  changed(field) {
    if (field.name === "point") this.kinds();
    else if (field.form?.dataset.command === "plan" || field.form?.dataset.command === "play") this.preview();
  }

  state(state) {
    this.states.push(state);
    const names = (kind) => state.accounts.filter((a) => a.kind === kind).map((a) => new Option(a.name, a.name));
    document.getElementById("customers").replaceChildren(...names("payment"));
    document.getElementById("items").replaceChildren(...names("stock"));
    document.getElementById("slots").replaceChildren(...names("delivery"));
    const slot = this.form("place").elements.slot;
    slot.required = names("delivery").length > 0;
    slot.parentElement.hidden = !slot.required;
    this.showState(this.diagram.steps[this.diagram.at - 1]?.seq ?? 0);
  }

  // showState shows what was true when an event had happened.
  showState(seq) {
    if (!this.states?.length) return;
    const { at, steps, follow } = this.diagram;
    const past = at < steps.length;
    const state = past ? this.states.findLast((s) => s.seq <= seq) ?? this.states[0] : this.states.at(-1);
    services(this.places.services, this.hi.columns.slice(1), state.down ?? [], past, (command) => this.send(command));
    this.places.said.textContent = past && !follow.checked ? `This is how it was after event ${at} of ${steps.length}.` : this.said;
    if (state === this.shownState) return;
    this.shownState = state;
    if (!this.failure) meter(this.places.meter, state);
    ledgers(this.places.ledgers, state);
  }

  // command shows what was asked, if it does not yet.
  command(command) {
    let line = this.lines.get(command.id);
    if (line) return line;
    line = tellCommand(command);
    this.lines.set(command.id, line);
    this.places.log.prepend(line);
    this.say(`${line.textContent} …`);
    return line;
  }

  reply({ command, reply }) {
    const line = this.command(command);
    line.dataset.done = "yes";
    this.say(tellReply(line, command, reply));
    this.answer(command.id).resolve(reply);
    if (reply.error && ["plan", "play"].includes(command.do)) {
      this.failure = reply.error;
      meter(this.places.meter, null, reply.error);
    }
    if (command.do === "place") this.fill({ ...command.order, key: following(command.order.key) });
  }

  fill(order) {
    const fields = this.form("place").elements;
    for (const name of ["key", "customer", "item", "quantity", "slot"]) if (order?.[name] !== undefined) fields[name].value = order[name];
  }

  // answer is the promise of a command's reply.
  answer(id) {
    if (!this.replies.has(id)) this.replies.set(id, Promise.withResolvers());
    return this.replies.get(id);
  }

  // send asks for something, and returns the reply.
  async send(command) {
    try {
      const { id } = await (await post(`/-/jobs/${this.id}/commands`, JSON.stringify(command))).json();
      return await this.answer(id).promise;
    } catch (err) {
      this.say(`That did not go: ${err.message}`);
      return { error: err.message };
    }
  }

  reset(variant) {
    return this.perform([{ do: "reset", variant: variant ?? this.form("play").elements.variant.value }]);
  }

  // perform carries out one command after another, until one fails or something
  // else begins.
  async perform(commands) {
    const turn = ++this.turn;
    for (const command of commands) {
      const { error } = await this.send(command);
      if (error || turn !== this.turn) return;
    }
  }

  async submit(e) {
    e.preventDefault();
    const name = e.target.dataset.command;
    const field = (name) => e.target.elements[name].value;
    switch (name) {
      case "play":
        return this.perform([...(field("variant") === this.hi.variant ? [] : [{ do: "reset", variant: field("variant") }]), { do: "play", scenario: field("scenario") }]);
      case "plan":
        return this.plan(e.submitter?.value);
      case "next":
        return this.send({ do: "next", kind: field("kind"), service: field("service"), peer: field("peer") });
      case "cut":
        return this.send({ do: e.submitter?.value ?? "cut", service: field("service"), peer: field("peer") });
      case "place":
        return this.send({ do: "place", order: { key: field("key"), customer: field("customer"), item: field("item"), quantity: Number(field("quantity")), slot: field("slot") } });
    }
  }

  // plan plans the fault that the form names. A point that the run has passed is
  // only met again in another run.
  async plan(how) {
    const fault = this.planned();
    if (!fault) return this.say("Choose a point and a fault, or write a fault's name.");
    const { variant, scenario } = this.form("play").elements;
    const plan = { do: "plan", fault };
    return this.perform(how === "plan" ? [plan] : [{ do: "reset", variant: variant.value }, plan, { do: "play", scenario: scenario.value }]);
  }

  // strike plays again with a fault at a point that was clicked; without a fault,
  // it shows the point in the list of all.
  strike(point, kind) {
    const form = this.form("plan");
    form.elements.fault.value = "";
    form.elements.point.value = point;
    this.kinds();
    if (!kind) return form.elements.kind.focus();
    form.elements.kind.value = kind;
    this.preview();
    return this.plan("again");
  }

  key(e) {
    if (typing(e) || this.side.dataset.now !== "stage") return;
    const actions = { p: () => this.form("play").requestSubmit(), s: this.actions.settle, r: this.actions.reset };
    if (actions[e.key]) actions[e.key]();
    else if (!this.diagram.key(e.key)) return;
    e.preventDefault();
  }

  // beside does what a command of the lesson does in a terminal. Without a variant
  // it is the lesson's own, which is the last; and what dies is started again.
  async beside({ variant, scenario, fault }) {
    if (this.side.dataset.now !== "stage") {
      await this.start();
      await new Promise((ready) => {
        const watch = new MutationObserver(() => ["stage", "failed"].includes(this.side.dataset.now) && (watch.disconnect(), ready()));
        watch.observe(this.side, { attributes: true });
      });
    }
    this.reveal();
    this.side.focus({ preventScroll: true });
    if (this.side.dataset.now !== "stage") return;
    const plans = fault ? fault.split("\n").map((fault) => ({ do: "plan", fault })) : [];
    return this.perform([{ do: "reset", variant: variant ?? this.hi.variants.at(-1).name, restarts: true }, ...plans,
      { do: "play", scenario: scenario ?? this.hi.scenarios[0].name }, { do: "settle" }]);
  }
}

function options(select, list, chosen) {
  select.replaceChildren(...list.map(([value, text, about]) => {
    const option = new Option(text ?? value, value);
    if (about) option.title = about;
    return option;
  }));
  if (chosen !== undefined && list.some(([value]) => value === chosen)) select.value = chosen;
}

// following is the key of the next order.
function following(key) {
  const [, name, n] = /^(.*?)(\d*)$/.exec(key);
  return n ? name + (Number(n) + 1) : key + "-2";
}
