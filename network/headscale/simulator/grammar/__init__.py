"""The commands of the releases, as data: names, aliases, flags. What they do stands in `verbs`."""
