package event

// style is the look of a picture. Every rule begins with the picture's own
// class: on a page it touches nothing else. Colour only repeats what shapes
// and words say already.
const style = `
.spacetime {
  --ground: #fff; --ink: #1f2328; --soft: #59636e; --line: #b7bec7; --good: #0a5fbd; --bad: #c21c2c;
  font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  max-width: 100%; height: auto;
}
@media (prefers-color-scheme: dark) {
  .spacetime { --ground: #0d1117; --ink: #e6edf3; --soft: #9da7b3; --line: #495059; --good: #6cb2ff; --bad: #ff8078; }
}
.spacetime .ground { fill: var(--ground); }
.spacetime path { fill: none; stroke: var(--ink); stroke-width: 1.3; }
.spacetime .lifeline { stroke: var(--line); stroke-width: 1.5; }
.spacetime .reply { stroke-dasharray: 5 3; }
.spacetime .pending { stroke-dasharray: 1.5 3; }
.spacetime .head { fill: var(--ink); stroke: none; }
.spacetime .lost, .spacetime path.crash { stroke: var(--bad); stroke-width: 2.4; stroke-linecap: round; }
.spacetime path.restart { stroke: var(--soft); stroke-width: 2.4; stroke-linecap: round; }
.spacetime circle.state { fill: var(--soft); }
.spacetime circle.commit { stroke: var(--good); stroke-width: 2; }
.spacetime .forced { fill: var(--good); }
.spacetime .unforced { fill: var(--ground); }
.spacetime text {
  fill: var(--ink); paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round;
}
.spacetime .name { font-weight: 600; text-anchor: middle; }
.spacetime .label { text-anchor: middle; }
.spacetime .start { text-anchor: start; }
.spacetime .end { text-anchor: end; }
.spacetime text.commit { fill: var(--good); }
.spacetime text.state, .spacetime text.restart,
.spacetime text.replaced { fill: var(--soft); font-style: italic; }
.spacetime text.crash, .spacetime .fault { fill: var(--bad); }
.spacetime .fault, .spacetime .verdict { font-weight: 600; }
`
