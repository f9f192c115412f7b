// What every page does; and whatever this one has, comes to life.
import { exercise } from "./exercise.js";
import { home } from "./home.js";
import { lesson } from "./lesson.js";
import { live } from "./live.js";
import { mistakes } from "./mistakes.js";
import { questions } from "./questions.js";
import { replay } from "./replay.js";

const keys = document.getElementById("keys");
document.querySelector("[data-do=keys]").addEventListener("click", () => keys.showModal());

// show shows a pane. Where only one has room, the services are seen from their top, and
// the lesson where it was left.
let left = 0;
function show(pane) {
  const before = document.body.dataset.pane ?? "text";
  const alone = document.querySelector(".switch")?.checkVisibility();
  if (before === "text" && pane !== before) left = scrollY;
  document.body.dataset.pane = pane;
  if (alone && pane !== before) scrollTo({ top: pane === "live" ? 0 : left, behavior: "instant" });
  for (const b of document.querySelectorAll(".switch button")) b.setAttribute("aria-pressed", b.dataset.pane === pane);
}
for (const b of document.querySelectorAll(".switch button")) b.addEventListener("click", () => show(b.dataset.pane));

function leap() {
  const side = document.getElementById("live");
  if (!side) return;
  const there = side.contains(document.activeElement);
  show(there ? "text" : "live");
  (there ? document.getElementById("main") : side).focus({ preventScroll: !there });
}

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches("input:not([type=range], [type=checkbox]), select, textarea")) return;
  if (e.key === "?") keys.showModal();
  else if (e.key === "l" && !keys.open) leap();
  else return;
  e.preventDefault();
});

exercise();
home();
questions();
lesson();
live(() => show("live"));
mistakes();
replay();
