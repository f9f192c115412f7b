// Work that the server does for this tab, and what it says meanwhile.

export async function post(url, body) {
  const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (!response.ok) throw new Error((await response.text()).trim());
  return response;
}

// follow listens to a job. Handlers are by the name of what is said; data that
// comes in one go is handed over in one go, as a list of [name, data].
export function follow(id, take, lost, gone) {
  const names = ["building", "failed", "hello", "step", "state", "command", "reply", "said", "found", "testing", "graded", "ended"];
  const source = new EventSource(`/-/jobs/${id}/events`);
  let waiting = [];
  for (const name of names) {
    source.addEventListener(name, (e) => {
      if (waiting.push([name, JSON.parse(e.data)]) > 1) return;
      setTimeout(() => {
        const list = waiting;
        waiting = [];
        take(list);
      });
    });
  }
  source.addEventListener("open", () => lost(false));
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return lost(true); // the browser tries again, and asks for what it has missed
    fetch(`/-/jobs/${id}`).then((there) => there.status === 404 && gone(), () => {}); // when a page is left, it is the page that ends
  });
  return source;
}
