import { predicted } from "./progress.js";

// home shows how far the reader has come.
export function home() {
  for (const place of document.querySelectorAll("[data-progress]")) {
    const of = Number(place.dataset.of);
    const done = Math.min(of, Object.keys(predicted(place.dataset.progress)).length);
    if (!done) continue;
    const bar = document.createElement("progress");
    bar.max = of;
    bar.value = done;
    bar.setAttribute("aria-hidden", "true");
    const chinese = document.documentElement.lang === "zh";
    place.replaceChildren(bar, chinese ? `已完成 ${done}/${of} 个预测` : `${done} of ${of} predictions made`);
  }
}
