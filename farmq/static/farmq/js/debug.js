// A hand for developers, on this machine only.
import { askJson } from "./request.js";

const LOCAL = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function exposeDebug(refreshStats) {
  if (!LOCAL.has(window.location.hostname)) return;
  window.farmqDebug = {
    refreshStats,
    testAPI: async (endpoint) => (await askJson(endpoint)).body,
    showNodeStatus: async () => {
      const { body } = await askJson("/api/nodes?page_size=200");
      const rows = body.data.map(({ name, status }) => ({ name, status }));
      // biome-ignore lint/suspicious/noConsole: this function exists to print
      console.table(rows);
      return rows;
    },
  };
}
