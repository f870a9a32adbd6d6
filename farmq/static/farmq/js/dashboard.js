// Keeps the dashboard true: one request every ten seconds, none while the tab is hidden.
import { ageText, refreshAges } from "./ages.js";
import { exposeDebug } from "./debug.js";
import { ask } from "./request.js";
import { say } from "./words.js";

const root = document.querySelector("[data-dashboard]");
const SLOWEST_MS = 60000;
let etag = "";
let asOf = root.querySelector("[data-freshness] time")?.dateTime ?? "";
let failures = 0;
let running = false;
let timer = 0;

function flash(element) {
  element.classList.remove("flash");
  element.getBoundingClientRect();
  element.classList.add("flash");
}

function fill(element, text) {
  if (element.textContent === text) return;
  element.textContent = text;
  flash(element);
}

function showCounts(counts) {
  for (const element of root.querySelectorAll("[data-stat]")) {
    const name = element.dataset.stat;
    const value = counts[`${name}_machines`] ?? counts[name];
    if (value !== undefined) fill(element, String(value));
  }
}

function showFragments(fragments) {
  let all = true;
  for (const [name, html] of Object.entries(fragments ?? {})) {
    const place = document.getElementById(`fragment-${name}`);
    const busy = place?.contains(document.activeElement) || place?.matches(":hover");
    if (busy) all = false;
    if (!place || busy) continue;
    const parsed = new DOMParser().parseFromString(html, "text/html");
    place.replaceChildren(...parsed.body.childNodes);
  }
  return all;
}

function showFreshness(time) {
  asOf = time || asOf;
  const stamp = root.querySelector("[data-freshness] time");
  if (stamp && asOf) stamp.dateTime = asOf;
  refreshAges(root);
}

function showStale() {
  const note = root.querySelector("[data-stale-note]");
  note.hidden = failures === 0;
  if (failures === 0) return;
  const exact = () => new Date(asOf).toLocaleString(document.documentElement.lang);
  const age = asOf ? (ageText(new Date(asOf)) ?? exact()) : "";
  note.textContent = say("stale", { age });
}

export async function refreshStats() {
  if (running) return null;
  running = true;
  try {
    const response = await ask(
      root.dataset.url,
      etag ? { headers: { "If-None-Match": etag } } : {},
    );
    if (response.status === 200) {
      const body = await response.json();
      etag = response.headers.get("ETag") ?? "";
      showCounts(body.data);
      fill(root.querySelector("[data-problem-count]"), String(body.data.problem_count));
      // A part under the pointer was left alone: ask for everything again the next time.
      if (!showFragments(body.data.fragments)) etag = "";
    } else if (response.status !== 304) {
      throw new Error(`HTTP ${response.status}`);
    }
    failures = 0;
    showFreshness(response.headers.get("FARMQ-As-Of"));
  } catch {
    failures += 1;
  } finally {
    running = false;
  }
  showStale();
  return failures === 0;
}

function schedule() {
  clearTimeout(timer);
  const interval = Number(root.dataset.interval) * 1000;
  const wait = Math.min(interval * 2 ** Math.min(failures, 3), SLOWEST_MS);
  timer = setTimeout(async () => {
    if (!document.hidden) await refreshStats();
    schedule();
  }, wait);
}

document.addEventListener("visibilitychange", async () => {
  if (document.hidden) return;
  await refreshStats();
  schedule();
});
setInterval(showStale, 1000);
schedule();
exposeDebug(refreshStats);
