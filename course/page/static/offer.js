import { element } from "./state.js";

// What can go wrong, in everyday words. All other faults are in the list of points.
const words = {
  lost: "Lose it", "reply lost": "Lose the answer", "delivered late": "Deliver it late", "delivered twice": "Deliver it twice",
  crash: "Crash here", "crash before": "Crash just before", "crash after": "Crash just after", "crash on reply": "Crash when the answer comes",
  "crash before reply": "Crash before it answers", "power cut": "Cut the power here", "disk full": "Let the disk be full",
};

// offer shows, at the place of a click, what can go wrong there.
export function offer(place, steps, at, strike) {
  const points = new Map(steps.filter((s) => s.point).map((s) => [s.point, s.kinds ?? []]));
  if (!points.size) return;
  const button = (text, point, kind) => {
    const b = element("button", { type: "button" }, text);
    b.addEventListener("click", () => {
      place.hidePopover();
      strike(point, kind);
    });
    return b;
  };
  place.replaceChildren(...[...points].flatMap(([point, kinds]) => [element("p", {}, point),
    ...kinds.filter((k) => words[k]).map((k) => button(words[k], point, k)), button("More …", point, "")]));
  place.showPopover();
  place.style.left = `${Math.max(8, Math.min(at.clientX, innerWidth - place.offsetWidth - 8))}px`;
  place.style.top = `${Math.max(8, Math.min(at.clientY, innerHeight - place.offsetHeight - 8))}px`;
  place.querySelector("button").focus();
}
