/** Where lines go that are for people. */
import { ContractError } from "./failure.ts"
import { received } from "./received.ts"

/** The function that was given, if one was. Throws a `ContractError` for anything else, before anything is opened. */
export const checkedPrint = (
  print: ((line: string) => void) | undefined
): ((line: string) => void) | undefined => {
  if (print === undefined || typeof print === "function") return print
  const message = `print is a function that takes a line, for example console.error, not ${received(print)}`
  throw new ContractError({ task: "", message })
}
