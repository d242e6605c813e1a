/** A way for a worker to say that a job is done, for the systems that have none: lines over a loopback socket. */
import type { AddressInfo, Socket } from "node:net"
import { connect, createServer } from "node:net"

/** What a job carries besides its value: whom to tell, and which of the questions it answers. */
export interface Reply {
  readonly port: number
  readonly id: number
}

/** The client's side: a port that answers come to. */
export interface Answers {
  /** A new question: what the job carries, and the answer when it is there. */
  ask(): { readonly reply: Reply; readonly answer: Promise<unknown> }
  close(): void
}

export async function listen(): Promise<Answers> {
  const waiting = new Map<number, (value: unknown) => void>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.setEncoding("utf8")
    // A worker that was killed leaves a reset connection; its jobs are done by another, or time out.
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket))
    let rest = ""
    socket.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n")
      rest = lines.pop() as string
      for (const line of lines) {
        const [id, value] = JSON.parse(line) as [number, unknown]
        waiting.get(id)?.(value)
        waiting.delete(id)
      }
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve)
  })
  const { port } = server.address() as AddressInfo
  let last = 0
  return {
    ask() {
      const id = ++last
      const answer = new Promise<unknown>((resolve) => {
        waiting.set(id, resolve)
      })
      return { reply: { port, id }, answer }
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}

/** Lines for each client that jobs have come from, sent together at the end of the turn. */
const lines = new Map<number, { readonly socket: Socket; text: string }>()

/** The worker's side: tells the client of the job; where nobody is to be told, nothing. */
export function tell(reply: Reply | undefined, value: unknown): void {
  if (reply === undefined) return
  const { port, id } = reply
  let to = lines.get(port)
  if (to === undefined) {
    const socket = connect(port, "127.0.0.1").setNoDelay(true)
    // The client has gone, and nobody waits for its answers.
    socket.on("error", () => socket.destroy()).on("close", () => lines.delete(port))
    to = { socket, text: "" }
    lines.set(port, to)
  }
  if (to.text === "") setImmediate(send, to)
  to.text += `${JSON.stringify([id, value])}\n`
}

function send(to: { readonly socket: Socket; text: string }): void {
  to.socket.write(to.text)
  to.text = ""
}
