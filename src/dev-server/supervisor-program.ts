/** The program of the supervisor: the small process that runs a project's nats-server for as long as anybody needs it. */

/** How long it keeps the server after the last process has hung up, in milliseconds: programs that are restarted find it again. */
export const lingering = 3_000

/**
 * Text, because it has to run from TypeScript sources, from `dist` and from a bundle alike.
 *
 * A process that needs the server holds a connection to the supervisor's door; the kernel closes it however that process
 * ends. The one that starts the supervisor holds it by the pipe to its standard input until it has such a connection, too.
 * Whoever is let in is greeted with the text of the lock, which no other program on a reused port would say. One that says
 * anything asks for the server's end, and is obeyed when nobody else holds it.
 *
 * The lock is touched every two seconds for those who cannot see our pid. Where it is gone or another's, so is the store, and
 * the server stops. A shell stops the server should the supervisor be killed; on Windows the server ends with it anyway.
 */
export const program: string = `
const { spawn } = require("node:child_process")
const { readFileSync, rmSync, utimesSync } = require("node:fs")
const { createServer } = require("node:net")
process.title = "arpeggio: runs the nats-server of a project"
const holders = new Set([process.stdin])
let order, lock, server, guard, leaving, stopping = false
const read = (file) => { try { return readFileSync(file, "utf8") } catch { return "" } }
const answer = (what, then) => process.stdout.write(JSON.stringify(what) + "\\n", then)
const refuse = (error) => answer({ error: error.message }, () => process.exit(1))
const stop = () => {
  if (server === undefined) process.exit(0)
  if (stopping) return
  stopping = true
  server.kill("SIGTERM")
  setTimeout(() => server.kill("SIGKILL"), 5000)
}
const hungUp = (holder) => {
  holders.delete(holder)
  if (holders.size > 0 || leaving !== undefined) return
  if (server === undefined) process.exit(0)
  leaving = setTimeout(stop, ${lingering})
}
const door = createServer((socket) => {
  socket.on("error", () => socket.destroy())
  if (stopping) return socket.destroy()
  holders.add(socket)
  clearTimeout(leaving)
  leaving = undefined
  socket.on("close", () => hungUp(socket))
  socket.on("data", () => holders.size === 1 ? stop() : socket.write("no\\n"))
  socket.write(lock + "\\n")
})
const ended = () => {
  if (guard !== undefined) guard.kill("SIGKILL")
  try { if (JSON.parse(read(order.record)).pid === server.pid) rmSync(order.record) } catch {}
  process.exit(0)
}
const watch = () => {
  if (read(order.lock) !== lock) return stop()
  try { utimesSync(order.lock, new Date(), new Date()) } catch {}
}
const started = () => {
  if (process.platform !== "win32") {
    guard = spawn("/bin/sh", ["-c", "read word; kill $0", String(server.pid)], { stdio: ["pipe", "ignore", "ignore"] })
    guard.on("error", () => {})
  }
  setInterval(watch, 2000)
  answer({ pid: server.pid, door: door.address().port })
}
const begin = () => {
  lock = read(order.lock)
  server = spawn(order.binary, order.words, { stdio: "ignore", windowsHide: true })
  server.once("error", refuse).once("exit", ended).once("spawn", started)
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop)
process.stdout.on("error", () => {})
for (const event of ["error", "close", "end"]) process.stdin.on(event, () => hungUp(process.stdin))
let text = ""
process.stdin.on("data", (chunk) => {
  text += chunk
  if (order !== undefined || !text.includes("\\n")) return
  order = JSON.parse(text.slice(0, text.indexOf("\\n")))
  door.once("error", refuse).listen(0, "127.0.0.1", begin)
})
`
