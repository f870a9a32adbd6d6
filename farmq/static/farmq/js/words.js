// The sentences of the page, in the language of the page; the server puts them into it.

const element = document.getElementById("farmq-words");
const words = element ? JSON.parse(element.textContent) : {};

export function say(name, values = {}) {
  let text = words[name] ?? name;
  for (const [key, value] of Object.entries(values)) text = text.replace(`{${key}}`, value);
  return text;
}
