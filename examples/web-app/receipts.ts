/** What a user is given instead of a run's id: the id with a signature, which no other user can use. */
import { createHmac, timingSafeEqual } from "node:crypto"

const secret = process.env["RECEIPT_SECRET"]
if (secret === undefined) throw new Error("set RECEIPT_SECRET, the same for all web servers")

const signatureOf = (user: string, run: string): string =>
  createHmac("sha256", secret)
    .update(JSON.stringify(["report", user, run]))
    .digest("base64url")

export const receiptOf = (user: string, run: string): string => `${run}.${signatureOf(user, run)}`

/** The run of a receipt, or nothing when it was not given to this user. */
export const runOf = (user: string, receipt: string): string | undefined => {
  const [run = "", signature = ""] = receipt.split(".")
  const given = Buffer.from(signature)
  const right = Buffer.from(signatureOf(user, run))
  return given.length === right.length && timingSafeEqual(given, right) ? run : undefined
}
