/** The rule of `arpeggio/lint` in ESLint, with the types that typescript-eslint gives it, and in oxlint. */
import { join } from "node:path"
import { compilerOptions } from "../../../src/cli/commands/init.ts"
import { program, toldBy, toldOf } from "../../lint/dropped.ts"
import { bin, install, project, readme, root } from "../place.ts"
import { expect, run } from "../steps.ts"

/** As in docs/learn/mistakes.md. */
const config = `
  import tseslint from "typescript-eslint"
  import arpeggio from "arpeggio/lint"

  export default tseslint.config({
    files: ["**/*.ts"],
    extends: [arpeggio.configs.recommended],
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } }
  })
`

/** The linters give what they found on standard output, and fail. */
const lint = async (command: string, place: string): Promise<string> =>
  run("sh", ["-c", `${command} program.ts || true`], place)

export const lints = async (tarball: string): Promise<void> => {
  const place = project("lint", {
    "package.json": { name: "hello", type: "module", private: true },
    "tsconfig.json": { compilerOptions },
    "eslint.config.mjs": config,
    // The same once more for the compiler alone.
    "checked.ts": config,
    ".oxlintrc.json": {
      jsPlugins: ["arpeggio/lint"],
      categories: { correctness: "off" },
      rules: { "arpeggio/no-unused-workflow": "error" }
    },
    "workflows/math.ts": readme()["workflows/math.ts"]!,
    "program.ts": program
  })
  await install(place, [tarball])
  const tools = ["eslint@10", "typescript-eslint@8", "typescript@5.9", "@types/node@20"]
  await install(place, ["-D", ...tools])
  const tsc = join(root, "node_modules/typescript-5.9/bin/tsc")
  await run(process.execPath, [tsc, "-p", place], place)
  const [file] = JSON.parse(await lint("node_modules/.bin/eslint -f json", place)) as [
    { readonly messages: ReadonlyArray<{ readonly line: number; readonly message: string }> }
  ]
  expect("ESLint, with types", toldBy(file.messages).join(), toldOf(true).join())
  const { diagnostics } = JSON.parse(await lint(`${bin("oxlint")} -f json`, place)) as {
    readonly diagnostics: ReadonlyArray<{
      readonly message: string
      readonly labels: ReadonlyArray<{ readonly span: { readonly line: number } }>
    }>
  }
  const told = diagnostics.map(({ message, labels }) => ({ message, line: labels[0]!.span.line }))
  expect("oxlint", toldBy(told).join(), toldOf(false).join())
}
