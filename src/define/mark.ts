/** What marks a workflow, and how it shows itself where somebody prints it. */

/** No data can carry a symbol, whatever it looks like. One for all copies of the library. */
export const workflowMark: unique symbol = Symbol.for("arpeggio/workflow")

/** What Node, Bun and Deno ask for when a value is printed. */
const printed: unique symbol = Symbol.for("nodejs.util.inspect.custom")

/** For the prototypes of workflows: who prints one has most likely taken it for its result. */
export const marked: { readonly [workflowMark]: true; [printed](): string } = {
  [workflowMark]: true,
  [printed](): string {
    return `${String(this)}, a workflow that nobody runs here`
  }
}
