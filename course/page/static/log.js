import { element } from "./state.js";

// tellCommand says what the reader did.
export function tellCommand(c) {
  const link = `${c.service} and ${c.peer}`;
  const words = {
    reset: "Start over", play: `Play “${c.scenario}”`, place: `Place ${c.order?.key}`, plan: "Plan a fault",
    next: `Next: ${c.kind}`, crash: `Crash ${c.service}`, restart: `Start again ${c.service}`,
    cut: `Cut the line between ${link}`, heal: `Mend the line between ${link}`, settle: "Wait and check",
  };
  return element("li", {}, element("span", {}, words[c.do] ?? c.do));
}

// tellReply adds how it went, and returns it in a line. What is broken stands in the meter.
export function tellReply(line, command, reply) {
  const what = line.firstChild.textContent;
  const said = answer(reply);
  line.append(`: ${said}`);
  if (reply.error) line.className = "bad";
  const fault = reply.fault ?? command.fault;
  if (fault) line.append(element("code", { title: "the fault, as the tests write it" }, fault));
  if (reply.command) line.append(element("code", { title: "repeats it in a terminal" }, reply.command));
  return `${what}: ${reply.verdict?.findings?.length ? "something is broken" : said}`;
}

function answer(reply) {
  if (reply.error) return reply.error;
  if (reply.verdict) return reply.verdict.findings?.length ? `BROKEN. ${reply.verdict.findings.join("; ")}` : "nothing is broken";
  if (reply.told?.length) return reply.told.map((t) => `${t.order}: ${t.text || "no answer"}`).join("; ");
  return "done";
}
