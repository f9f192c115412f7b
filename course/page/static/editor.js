// editor lets the reader choose what opens the places of an exercise. The addresses of all
// known editors differ in their scheme alone. Or the path is copied.
export function editor(main) {
  const choice = main.querySelector("[data-do=editor]");
  const places = main.querySelector("[data-show=places]");
  const copies = () => choice.value === "copy";
  const aim = () => {
    const name = choice.selectedOptions[0].textContent;
    for (const link of places.querySelectorAll(".editor")) {
      if (!copies()) link.href = link.href.replace(/^\w+/, choice.value);
      link.textContent = copies() ? name : `Open in ${name}`;
    }
  };
  choice.value = remembered() ?? "vscode";
  choice.addEventListener("change", () => {
    remember(choice.value);
    aim();
  });
  places.addEventListener("click", async (e) => {
    if (!copies() || !e.target.matches(".editor")) return;
    e.preventDefault();
    await navigator.clipboard.writeText(decodeURI(e.target.href.replace(/^\w+:\/\/file/, "")));
    e.target.textContent = "Copied";
  });
  aim();
  return aim;
}

const key = "editor";

function remembered() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // a browser that remembers nothing
  }
}

function remember(name) {
  try {
    localStorage.setItem(key, name);
  } catch {
    // then it forgets
  }
}
