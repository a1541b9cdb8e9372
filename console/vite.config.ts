import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Compressed once here, not with each request. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    async writeBundle({ dir = "" }) {
      const files = await readdir(dir, { recursive: true });
      for (const file of files.filter((name) => /\.(js|css|html|svg)$/.test(name))) {
        const content = await readFile(join(dir, file));
        await writeFile(join(dir, `${file}.br`), await promisify(brotliCompress)(content));
        await writeFile(join(dir, `${file}.gz`), await promisify(gzip)(content, { level: 9 }));
      }
    },
  };
}

/** Addresses are relative to the page and views live behind the #, so that the files work under any path. */
export default defineConfig({
  root: HERE,
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [compressed()],
  build: {
    outDir: join(HERE, "dist"),
    emptyOutDir: true,
    target: "es2023",
    // The content security policy allows no data: but for images, and a file more is cached for good.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
