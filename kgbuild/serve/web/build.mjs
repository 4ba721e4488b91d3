// Bundles src/ into dist/: hashed names, each file packed too, the graph page in a chunk of its own.
import { build } from "esbuild";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";

const folder = new URL(".", import.meta.url).pathname;
const out = `${folder}dist`;

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const { metafile } = await build({
  absWorkingDir: folder,
  entryPoints: ["src/main.tsx", "src/theme.ts", "src/styles.css"],
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});

for (const path of Object.keys(metafile.outputs)) {
  if (/\.(js|css)$/.test(path)) {
    await writeFile(`${folder}${path}.gz`, gzipSync(await readFile(`${folder}${path}`), { level: 9 }));
  }
}

const files = {};
for (const [path, output] of Object.entries(metafile.outputs)) {
  if (output.entryPoint) files[basename(output.entryPoint)] = `/assets/${basename(path)}`;
}
let page = await readFile(`${folder}src/index.html`, "utf8");
for (const [entry, path] of Object.entries(files)) page = page.replaceAll(`{${entry}}`, path);
await writeFile(`${out}/index.html`, page);
await cp(`${folder}public`, out, { recursive: true });

const sizes = Object.entries(metafile.outputs).map(([path, o]) => [basename(path), o.bytes]);
for (const [name, bytes] of sizes) console.log(`${String(bytes).padStart(8)} ${name}`);
