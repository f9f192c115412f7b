import { Diagram, typing } from "./diagram.js";
import { post } from "./job.js";

// recorded shows a run that has ended, from its first event.
export function recorded(place, diagram, run) {
  place.hidden = false;
  diagram.follow.parentElement.hidden = true;
  diagram.follow.checked = false;
  diagram.begin(run.frame);
  diagram.add(run.steps);
  diagram.show(Math.min(1, run.steps.length));
}

// replay opens a file of events.
export function replay() {
  const main = document.querySelector("body.replay main");
  if (!main) return;
  const place = main.querySelector("[data-part=run]");
  const said = main.querySelector("[data-show=said]");
  const diagram = new Diagram(place.querySelector(".diagram"));
  document.addEventListener("keydown", (e) => {
    if (!typing(e) && !place.hidden && diagram.key(e.key)) e.preventDefault();
  });
  const open = async (ask) => {
    try {
      const run = await (await ask()).json();
      recorded(place, diagram, run);
      said.textContent = `A run of ${run.steps.length} events. Step through it with ← and →.`;
    } catch (err) {
      place.hidden = true;
      said.textContent = `It cannot be shown: ${err.message}`;
    }
  };
  main.querySelector("input[type=file]").addEventListener("change", (e) => {
    const file = e.target.files[0];
    if (file) open(() => post("/-/replay/steps", file));
  });
  if ("given" in main.dataset) open(() => fetch("/-/replay/steps"));
}
