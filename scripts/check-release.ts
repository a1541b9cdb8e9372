/** Whether the tag that a release is made of (GITHUB_REF_NAME) is the version in package.json (`npm run check:release`). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../src/app/environment.ts";

const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
const tag = process.env.GITHUB_REF_NAME;
if (tag === undefined) {
  process.stdout.write(`no tag is being released (GITHUB_REF_NAME is not set); package.json says ${version}\n`);
} else if (tag !== `v${version}`) {
  process.stderr.write(`the tag is ${tag}, package.json says ${version}: change the version, or tag v${version}\n`);
  process.exitCode = 1;
} else process.stdout.write(`${tag} is the version in package.json\n`);
