import { predicted, remember } from "./progress.js";

// words are what is asked, in the lesson's language.
const words = document.documentElement.lang === "zh"
  ? { ask: "你预计会怎样？", show: "看答案", said: "你的预测：", none: "你没有预测就看了答案。" }
  : { ask: "What do you expect?", show: "Show the answer", said: "You expected:", none: "You looked without a prediction." };

// lesson asks before it shows: each answer is folded away until the reader has
// said what to expect. An aside is folded and asks nothing.
export function lesson() {
  const chapter = document.body.dataset.chapter;
  if (!chapter) return;
  const before = predicted(chapter);
  document.querySelectorAll("article details:not(.aside)").forEach((answer, i) => ask(chapter, answer, i + 1, before[i + 1]));
}

function ask(chapter, answer, number, before) {
  const form = document.createElement("form");
  form.className = "predict";
  answer.before(form);
  if (before !== undefined) {
    said(form, before);
    return;
  }
  const label = document.createElement("label");
  const text = document.createElement("textarea");
  const show = document.createElement("button");
  text.id = label.htmlFor = `prediction-${number}`;
  label.textContent = words.ask;
  show.textContent = words.show;
  form.append(label, text, show);
  answer.hidden = true;
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    remember(chapter, number, text.value.trim());
    said(form, text.value.trim());
    answer.hidden = false;
    answer.open = true;
    answer.querySelector("summary").focus();
  });
}

function said(form, text) {
  const p = document.createElement("p");
  const quote = document.createElement("blockquote");
  p.textContent = text ? words.said : words.none;
  quote.textContent = text;
  form.replaceChildren(p, ...(text ? [quote] : []));
}
