// What the databases say, as a page.

export function element(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
}

const readings = { whole: "Whole", between: "Not finished", broken: "Broken", failed: "This was not played" };

// meter says what the orders have done, and whether it adds up; or why they could
// not be placed.
export function meter(place, state, error) {
  const reading = error ? "failed" : (state?.meter ?? "");
  place.dataset.meter = reading;
  place.hidden = !reading;
  const words = error ?? (state?.plain || "units, money and places add up");
  place.replaceChildren(`${readings[reading]}: ${words}.`);
  if (state?.wrong?.length) place.append(" ", element("a", { href: "#ledger-title" }, "Why?"));
}

export function ledgers(place, state) {
  const name = (a) => (a.kind === a.service ? a.service : `${a.service}: ${a.kind}`);
  const names = [...new Set(state.accounts.map(name))];
  const tables = names.map((n) => account(n, state.accounts.filter((a) => name(a) === n)));
  place.replaceChildren(element("div", { class: "ledgers" }, ...tables), effects(state.effects ?? []),
    list("Not finished", state.stuck, "Nothing is left unfinished.", "stuck"), list("What does not add up now", state.wrong, "", "wrong"));
}

function account(name, list) {
  const rows = list.map((a) => {
    const now = a.amount === a.before ? String(a.amount) : element("b", {}, `${a.before} → ${a.amount}`);
    return element("tr", {}, element("td", {}, a.name), element("td", { class: "n" }, now));
  });
  return element("table", {}, element("caption", {}, name), element("tbody", {}, ...rows));
}

function effects(list) {
  if (!list.length) return element("p", { class: "note" }, "No order has had an effect.");
  const rows = list.map((e) => element("tr", {}, ...[e.order, e.kind, `${e.account} ${e.amount}`].map((t) => element("td", {}, t))));
  return element("table", { class: "effects" }, element("caption", {}, "What the orders have done"), element("tbody", {}, ...rows));
}

function list(title, lines, none, kind) {
  if (!lines?.length) return element("p", { class: "note" }, none);
  return element("div", {}, element("strong", {}, title), element("ul", { class: kind }, ...lines.map((s) => element("li", {}, s))));
}

// services shows which of them are dead; in the past, nothing can be done to them.
export function services(place, names, down, past, send) {
  const now = JSON.stringify([names, down, past]);
  if (place.dataset.now === now) return;
  place.dataset.now = now;
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.service : null;
  place.replaceChildren(...names.map((name) => {
    const dead = down.includes(name);
    const button = element("button", { type: "button", "data-service": name, "aria-label": `${dead ? "Start again" : "Crash"} ${name}`, "aria-disabled": past }, dead ? "Start again" : "Crash");
    button.addEventListener("click", () => past || send({ do: dead ? "restart" : "crash", service: name }));
    return element("li", dead ? { class: "dead" } : {}, element("b", {}, name + (dead ? " ✕ dead" : "")), button);
  }));
  if (focused) place.querySelector(`[data-service="${focused}"]`)?.focus();
}
