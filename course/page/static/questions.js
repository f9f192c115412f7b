// questions shows the questions that have every word that is typed.
export function questions() {
  const words = document.querySelector("#questions input");
  if (!words) return;
  const text = (li) => [...li.querySelectorAll("p, pre")].map((e) => e.textContent).join("\n");
  const all = [...document.querySelectorAll("#questions li")].map((li) => [li, text(li).toLowerCase()]);
  const found = document.querySelector("#questions output");
  const chinese = document.documentElement.lang === "zh";
  function search() {
    const typed = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const [li, said] of all) {
      li.hidden = !typed.length || !typed.every((w) => said.includes(w));
      if (!li.hidden) n++;
    }
    const count = chinese ? `${all.length} 个问题中找到 ${n} 个` : `${n} of ${all.length} questions`;
    found.textContent = typed.length ? count : "";
  }
  words.addEventListener("input", search);
  search(); // the browser may have kept what was typed
}
