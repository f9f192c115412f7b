// What the reader has predicted, remembered by the browser alone.
const key = (chapter) => "predicted " + chapter;

export function predicted(chapter) {
  try {
    return JSON.parse(localStorage.getItem(key(chapter))) ?? {};
  } catch {
    return {}; // a browser that remembers nothing
  }
}

export function remember(chapter, question, text) {
  try {
    localStorage.setItem(key(chapter), JSON.stringify({ ...predicted(chapter), [question]: text }));
  } catch {
    // then it forgets
  }
}
