/** Reads the plain YAML of the guides: maps, lists and scalars, nested by two blanks. What else there may be is refused. */
export type Yaml = string | number | ReadonlyArray<Yaml> | { readonly [key: string]: Yaml }

interface Line {
  readonly depth: number
  readonly text: string
}

export const yamlOf = (text: string): Yaml => {
  const lines = text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line): Line => {
      const depth = line.length - line.trimStart().length
      if (depth % 2 !== 0 || line.includes("\t")) throw new Error(`not nested by two: ${line}`)
      return { depth, text: line.trim() }
    })
  const [value, rest] = blockOf(lines)
  if (rest.length > 0) throw new Error(`nested too little: ${rest[0]!.text}`)
  return value
}

const scalarOf = (text: string): Yaml => {
  if (/[{}[\]&*!|>#"']/.test(text)) throw new Error(`not plain: ${text}`)
  return /^\d+$/.test(text) ? Number(text) : text
}

const blockOf = (lines: ReadonlyArray<Line>): readonly [Yaml, ReadonlyArray<Line>] =>
  lines[0]!.text.startsWith("- ") ? listOf(lines) : mapOf(lines)

const listOf = (lines: ReadonlyArray<Line>): readonly [Yaml, ReadonlyArray<Line>] => {
  const { depth } = lines[0]!
  const found: Array<Yaml> = []
  let rest = lines
  while (rest[0]?.depth === depth && rest[0].text.startsWith("- ")) {
    const [{ text }, ...after] = rest as readonly [Line, ...Array<Line>]
    const [value, left] = mapOf([{ depth: depth + 2, text: text.slice(2) }, ...after])
    found.push(value)
    rest = left
  }
  return [found, rest]
}

const mapOf = (lines: ReadonlyArray<Line>): readonly [Yaml, ReadonlyArray<Line>] => {
  const { depth } = lines[0]!
  const found: Record<string, Yaml> = {}
  let rest = lines
  while (rest[0]?.depth === depth) {
    const [{ text }, ...after] = rest as readonly [Line, ...Array<Line>]
    const [, key, scalar] = /^([\w.-]+):(?: (.+))?$/.exec(text) ?? []
    if (key === undefined) throw new Error(`no key: ${text}`)
    if (key in found) throw new Error(`twice: ${key}`)
    if (scalar !== undefined) {
      found[key] = scalarOf(scalar)
      rest = after
    } else {
      if ((after[0]?.depth ?? 0) <= depth) throw new Error(`nothing below ${key}`)
      const [value, left] = blockOf(after)
      found[key] = value
      rest = left
    }
  }
  return [found, rest]
}
