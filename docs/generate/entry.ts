/** What is told of a name. */
import ts from "typescript-5.9"

/** What a docstring says. */
export interface Words {
  readonly text: string
  /** Of an error, or of one of its reasons: what to do about it. */
  readonly remedy: string
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

/** One of the words that a field of an error may have, such as a reason. */
export interface Choice extends Words {
  readonly name: string
}

/** A field of an error that has one of these words. */
export interface Choices {
  readonly field: string
  readonly choices: ReadonlyArray<Choice>
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
  /** Whether it is the class of an error. */
  readonly isError: boolean
  readonly choices: ReadonlyArray<Choices>
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
  const tagged = (name: string): ReadonlyArray<string> =>
    comments
      .flatMap(({ tags }) => tags ?? [])
      .filter(({ tagName }) => tagName.text === name)
      .map(({ comment }) => ts.getTextOfJSDocComment(comment)?.trim() ?? "")
  return {
    text: texts.filter((text) => text !== "").join("\n\n"),
    remedy: tagged("remedy").join("\n\n"),
    examples: tagged("example")
  }
}

export const wayOf = (signature: string, node: ts.Node): Way =>
  Object.assign({ signature }, wordsOf(node))
