// Follows a run: its state by the second, its report when it changed.
const bar = document.querySelector("#live progress");
const text = document.querySelector("#live span");
const main = document.querySelector("main");

async function reload() {
  const answer = await fetch("/report").catch(() => undefined);
  if (!answer?.ok) return;
  const open = [...main.querySelectorAll("details")].map((details) => details.open);
  main.innerHTML = await answer.text();
  main.querySelectorAll("details").forEach((details, at) => details.open = open[at] ?? details.open);
}

const events = new EventSource("/events");
events.addEventListener("state", ({ data }) => {
  const { done, words } = JSON.parse(data);
  text.textContent = words;
  if (done === null) bar.removeAttribute("value");
  else bar.value = done;
});
events.addEventListener("report", reload);
events.addEventListener("error", () => text.textContent = "deno task watch is not running any more");
