// Turns the times of the page into ages, and keeps them true while the page is open.

import { say } from "./words.js";

const MINUTE_S = 60;
const HOUR_S = 3600;
const RELATIVE_HOURS = 12;

export function ageText(moment, now = new Date()) {
  const seconds = Math.floor((now - moment) / 1000);
  if (seconds < 3) return say("now");
  if (seconds < MINUTE_S) return say("seconds", { count: seconds });
  if (seconds < HOUR_S) return say("minutes", { count: Math.floor(seconds / MINUTE_S) });
  if (seconds >= RELATIVE_HOURS * HOUR_S) return null;
  return say("hours", { count: Math.floor(seconds / HOUR_S) });
}

export function refreshAges(root = document) {
  for (const stamp of root.querySelectorAll("time.age[datetime]")) {
    const text = ageText(new Date(stamp.dateTime));
    const shown = stamp.querySelector("[data-age]");
    if (text && shown && shown.textContent !== text) shown.textContent = text;
  }
}

export function keepAges() {
  setInterval(() => {
    if (!document.hidden) refreshAges();
  }, 1000);
}
