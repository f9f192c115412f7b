import { Diagram, typing } from "./diagram.js";
import { follow, post } from "./job.js";
import { recorded } from "./replay.js";

// mistakes lets the laboratory look for what a mistake breaks.
export function mistakes() {
  for (const part of document.querySelectorAll("[data-mistake]")) {
    part.querySelector("[data-do=hunt]").addEventListener("click", (e) => hunt(part, e.target));
  }
}

async function hunt(part, button) {
  const said = part.querySelector("[data-show=said]");
  const story = part.querySelector("[data-part=story]");
  part.querySelector(".patch").open = true;
  button.disabled = true;
  story.textContent = "";
  story.hidden = true;
  let told = "";
  const tell = () => {
    story.classList.toggle("words", Boolean(part.querySelector(".canvas")));
    story.hidden = !told;
    story.textContent = told;
  };
  const end = (words) => {
    source?.close();
    if (id) fetch(`/-/jobs/${id}`, { method: "DELETE" });
    said.textContent = words;
    button.disabled = false;
  };
  let source, id;
  try {
    ({ id } = await (await post(`/-/mistakes/${document.body.dataset.chapter}/${part.dataset.mistake}`)).json());
  } catch (err) {
    return end(err.message);
  }
  const take = {
    building: (seconds) => (said.textContent = `The chapter is being built, ${seconds} s …`),
    said: (text) => {
      if (text.startsWith("…")) return (said.textContent = text);
      said.textContent = "The laboratory tries every fault …";
      told += text;
      tell();
    },
    found: (run) => {
      show(part, run);
      tell();
    },
    failed: (text) => {
      story.hidden = false;
      story.textContent += text;
      end("It cannot go on.");
    },
    ended: () => end(part.querySelector(".canvas") ? "This is the shortest run that breaks: step through it with ← and →." : "This is what was found."),
  };
  source = follow(id, (list) => list.forEach(([name, data]) => take[name]?.(data)), () => {}, () => end("The server has ended it."));
}

// show draws the run that breaks, so that it can be stepped through.
function show(part, run) {
  const place = part.querySelector("[data-part=run]");
  place.replaceChildren(document.getElementById("diagram").content.cloneNode(true));
  const diagram = new Diagram(place.querySelector(".diagram"));
  place.addEventListener("keydown", (e) => {
    if (!typing(e) && diagram.key(e.key)) e.preventDefault();
  });
  recorded(place, diagram, run);
}
