/** The program of the supervisor: the small process that runs a project's nats-server for as long as anybody needs it. */

/** How long it keeps the server after the last process has hung up, in milliseconds: programs that are restarted find it again. */
export const lingering = 3_000

/** How long it waits for the process that has started it, in milliseconds. */
const beginning = 10_000

/** What a supervisor runs, and which files are its. */
export interface Order {
  readonly binary: string
  readonly words: ReadonlyArray<string>
  /** The lock's file, held in the supervisor's name from before it begins. */
  readonly lock: string
  /** `server.json`, which the supervisor removes when its server has ended. */
  readonly record: string
}

/**
 * Text, because it has to run from TypeScript sources, from `dist` and from a bundle alike.
 *
 * A process that needs the server holds a connection to the supervisor's door; the kernel closes it however that process
 * ends. Whoever is let in is greeted with the text of the lock, which no other program on a reused port would say. The first
 * word that is said has the server started; later on, one that says anything asks for the server's end, and is obeyed when
 * nobody else holds it. At a signal the server is stopped as soon as nobody holds it, so that workers which are told to stop
 * in the same moment can drain with it; at a second one, at once.
 *
 * The lock is touched every two seconds for those who cannot see our pid. Where it is gone or another's, so is the store, and
 * the server stops. A shell stops the server should the supervisor be killed; on Windows the server ends with it anyway.
 */
const program: string = `
const { spawn } = require("node:child_process")
const { readFileSync, rmSync, utimesSync } = require("node:fs")
const { createServer } = require("node:net")
process.title = "arpeggio: runs the nats-server of a project"
const holders = new Set()
let lock, server, guard, signals = 0, stopping = false
const read = (file) => { try { return readFileSync(file, "utf8") } catch { return "" } }
const stop = () => {
  if (server === undefined) process.exit(0)
  if (stopping) return
  stopping = true
  server.kill("SIGTERM")
  setTimeout(() => server.kill("SIGKILL"), 5000)
}
let leaving = setTimeout(stop, ${beginning})
const hungUp = (holder) => {
  holders.delete(holder)
  if (holders.size > 0) return
  leaving = setTimeout(stop, server === undefined || signals > 0 ? 0 : ${lingering})
}
const ended = () => {
  if (guard !== undefined) guard.kill("SIGKILL")
  try { if (JSON.parse(read(order.record)).pid === server.pid) rmSync(order.record) } catch {}
  process.exit(0)
}
const watch = () => {
  if (read(order.lock) !== lock) return stop()
  try { utimesSync(order.lock, new Date(), new Date()) } catch {}
}
const begin = (starter) => {
  lock = read(order.lock)
  server = spawn(order.binary, order.words, { stdio: "ignore", windowsHide: true })
  server.once("exit", ended)
  server.once("error", ({ message }) => {
    starter.end(JSON.stringify({ error: message }) + "\\n", () => process.exit(1))
  })
  server.once("spawn", () => {
    if (process.platform !== "win32") {
      guard = spawn("/bin/sh", ["-c", "read word; kill $0", String(server.pid)], { stdio: ["pipe", "ignore", "ignore"] })
      guard.on("error", () => {})
    }
    setInterval(watch, 2000)
    starter.write(JSON.stringify({ pid: server.pid }) + "\\n")
  })
}
const door = createServer((socket) => {
  socket.on("error", () => socket.destroy())
  if (stopping) return socket.destroy()
  holders.add(socket)
  clearTimeout(leaving)
  socket.on("close", () => hungUp(socket))
  socket.on("data", () => {
    if (server === undefined) begin(socket)
    else if (holders.size === 1) stop()
    else socket.write("no\\n")
  })
  if (lock !== undefined) socket.write(lock + "\\n")
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    signals += 1
    if (signals > 1 || holders.size === 0) stop()
  })
}
process.stdout.on("error", () => {})
door.once("error", () => process.exit(1)).listen(0, "127.0.0.1", () => {
  process.stdout.write(JSON.stringify({ pid: process.pid, door: door.address().port }) + "\\n")
})
`

/**
 * Starts the program and ends: watchers such as nodemon kill all that descends from what they restart, and the supervisor
 * has to outlive the process that needs it first.
 */
export const launcherFor = (order: Order): string => `
const { spawn } = require("node:child_process")
const program = ${JSON.stringify(`const order = ${JSON.stringify(order)}\n${program}`)}
const child = spawn(process.execPath, ["--eval", program], { detached: true, stdio: ["ignore", "inherit", "ignore"], windowsHide: true })
child.once("error", () => process.exit(1)).once("spawn", () => process.exit(0))
`
