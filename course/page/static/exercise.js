import { editor } from "./editor.js";
import { follow, post } from "./job.js";
import { element } from "./state.js";

// exercise runs the tests of what the reader writes, once or at every change.
export function exercise() {
  const main = document.querySelector("body.exercise main");
  if (!main) return;
  const part = (name) => main.querySelector(`[data-part=${name}]`);
  const button = (name) => main.querySelector(`[data-do=${name}]`);
  const place = (name) => main.querySelector(`[data-show=${name}]`);
  const address = `/-/exercises/${document.body.dataset.chapter}`;
  const aim = editor(main);
  let id, source, said;
  let asked = 0; // only the latest run is shown

  const tell = (words) => {
    if (place("said").textContent !== words) place("said").textContent = words;
  };
  const say = (words) => {
    tell((said = words));
    place("seconds").textContent = "";
  };
  const stop = (words) => {
    asked++;
    source?.close();
    if (id) fetch(`/-/jobs/${id}`, { method: "DELETE" }).catch(() => {}); // then the server is gone
    source = id = undefined;
    if (document.activeElement === button("stop")) button("run").focus();
    button("stop").hidden = true;
    button("watch").checked = false;
    if (words) say(words);
  };
  const fail = (text) => {
    place("failure").textContent = text;
    place("failure").hidden = !text;
  };
  const start = async (watch) => {
    stop("The tests are built and run …");
    button("watch").checked = watch;
    button("stop").hidden = false;
    const mine = asked;
    try {
      const job = await (await post(`${address}/run${watch ? "?watch=yes" : ""}`)).json();
      if (mine !== asked) return void fetch(`/-/jobs/${job.id}`, { method: "DELETE" });
      id = job.id;
    } catch (err) {
      if (mine === asked) stop(err.message);
      return;
    }
    const take = {
      testing: (seconds) => {
        say("The tests are built and run …");
        place("seconds").textContent = `${seconds} s`;
      },
      graded: (result) => {
        fail(result.said ?? "");
        show(place("steps"), place("places"), result);
        aim();
        say(summary(result) + (watch ? " Waiting for a change." : ""));
      },
      failed: (text) => {
        fail(text);
        stop("It cannot go on.");
      },
      ended: () => stop(),
    };
    source = follow(id, (list) => list.forEach(([name, data]) => mine === asked && take[name]?.(data)),
      (lost) => tell(lost ? "The server does not answer …" : said), () => mine === asked && stop("The server has ended it."));
  };

  button("begin").addEventListener("click", async () => {
    try {
      await post(`${address}/begin`);
    } catch (err) {
      return say(err.message);
    }
    part("run").hidden = false;
    part("begin").hidden = true;
    button("run").focus();
    say("Begun. Write what is missing, and run the tests.");
  });
  button("run").addEventListener("click", () => start(button("watch").checked));
  button("stop").addEventListener("click", () => stop("Stopped."));
  button("watch").addEventListener("change", (e) => (e.target.checked ? start(true) : stop("Stopped.")));
}

function summary(result) {
  const steps = result.steps ?? [];
  if (result.state === "not begun") return "It is not begun, and so not graded.";
  if (!steps.length) return "The tests could not run.";
  if (result.state === "done") return `All ${steps.length} steps pass.`;
  return `${steps.filter((s) => s.passed).length} of ${steps.length} steps pass.`;
}

// told is what a step says, and the picture of its run.
function told({ said, picture }) {
  if (!said) return [];
  const pre = element("pre", { class: picture ? "words" : "", tabindex: "0" }, said);
  if (!picture) return [pre];
  const src = `out/${picture}?${Date.now()}`; // the run before has the same name
  return [pre, element("a", { class: "figure", href: src }, element("img", { src, alt: "The run of this step" }))];
}

// show lists the steps with what was said to each, and what is still to be written.
function show(steps, places, result) {
  steps.replaceChildren(...(result.steps ?? []).map((s) => {
    if (s.skipped) return element("li", { class: "waiting" }, element("b", {}, "… not judged yet"), ` ${s.name}`);
    return element("li", { class: s.passed ? "passed" : "failed" },
      element("b", {}, s.passed ? "✓ passed" : "✕ failed"), ` ${s.name}`, ...told(s));
  }));
  const open = (result.places ?? []).map((p) => element("li", {}, element("a", { href: p.path }, p.name), " ", element("a", { class: "editor", href: p.editor }, "Open in VS Code")));
  places.replaceChildren(...(open.length ? open : [element("li", {}, "nothing: every function has a body")]));
}
