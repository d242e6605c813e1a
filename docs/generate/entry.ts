/** What is told of a name. */
import ts from "typescript-5.9"

/** What a docstring says. */
export interface Words {
  readonly text: string
  readonly examples: ReadonlyArray<string>
}

/** A way to call something. */
export interface Way extends Words {
  readonly signature: string
}

/** A field of an object, or of an error. */
export interface Field extends Words {
  readonly name: string
  readonly type: string
}

/** Something that can be called on an object. */
export interface Method {
  readonly name: string
  readonly ways: ReadonlyArray<Way>
}

export interface Entry extends Words {
  readonly name: string
  readonly kind: "function" | "class" | "interface" | "type"
  /** Of a function, or of what can be called. */
  readonly ways: ReadonlyArray<Way>
  /** Of a type that is not worked out by the compiler. */
  readonly shape: string
  /** What it calls the types it is given. */
  readonly parameters: ReadonlyArray<string>
  readonly extends: ReadonlyArray<string>
  readonly fields: ReadonlyArray<Field>
  readonly methods: ReadonlyArray<Method>
  /** On the value of this name itself. */
  readonly statics: ReadonlyArray<Method>
  /** The entries of the package that have it, such as `arpeggio/contract`. */
  readonly from: ReadonlyArray<string>
}

/** What the docstrings of these say. */
export const wordsOf = (...nodes: ReadonlyArray<ts.Node>): Words => {
  const comments = nodes.flatMap((node) => ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc))
  const texts = comments.map(({ comment }) => ts.getTextOfJSDocComment(comment)?.trim() ?? "")
  const examples = comments
    .flatMap(({ tags }) => tags ?? [])
    .filter(({ tagName }) => tagName.text === "example")
    .map(({ comment }) => ts.getTextOfJSDocComment(comment)?.trim() ?? "")
  return { text: texts.filter((text) => text !== "").join("\n\n"), examples }
}

export const wayOf = (signature: string, node: ts.Node): Way =>
  Object.assign({ signature }, wordsOf(node))
