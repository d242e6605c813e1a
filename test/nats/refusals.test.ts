/** What is said of servers that do not let us in, and of what is no server: each real, each named, each with a way out. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer as createHttp } from "node:http"
import { type AddressInfo, createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { connect } from "@nats-io/transport-node"
import { afterAll, expect, onTestFinished, test } from "vitest"
import { connectNats } from "../../src/nats/broker.ts"
import type { NatsAuthentication } from "../../src/nats/options.ts"
import { namespace, serverForTest } from "./fixture.ts"

const folder = mkdtempSync(join(tmpdir(), "arpeggio-tls-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const openssl = (...words: ReadonlyArray<string>): void => {
  execFileSync("openssl", words, { cwd: folder, stdio: "ignore" })
}

/** A certificate that this authority has signed; without one, it has signed itself. */
const certificate = (
  name: string,
  authority?: string,
  more = "subjectAltName=DNS:localhost,IP:127.0.0.1"
): void => {
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", `${name}.key`, "-subj", `/CN=${name}`]
  if (authority === undefined) {
    openssl("req", "-x509", ...key, "-days", "30", "-out", `${name}.pem`)
    return
  }
  writeFileSync(join(folder, `${name}.ext`), more)
  openssl("req", ...key, "-out", `${name}.csr`)
  const by = ["-CA", `${authority}.pem`, "-CAkey", `${authority}.key`, "-CAcreateserial"]
  const signed = ["-in", `${name}.csr`, ...by, "-out", `${name}.pem`, "-extfile", `${name}.ext`]
  openssl("x509", "-req", "-days", "30", ...signed)
}

const hasOpenssl = ((): boolean => {
  try {
    certificate("authority")
    certificate("alien")
    certificate("server", "authority")
    certificate("client", "authority")
    certificate("elsewhere", "authority", "subjectAltName=DNS:elsewhere.example")
    return true
  } catch {
    return false
  }
})()

const file = (name: string): string => join(folder, name)
const caFile = file("authority.pem")

const tls = (name = "server", more = ""): string =>
  `tls { cert_file: "${file(`${name}.pem`)}", key_file: "${file(`${name}.key`)}", ${more} }`

const refusal = async (
  servers: string | ReadonlyArray<string>,
  authentication?: NatsAuthentication
): Promise<unknown> => {
  const given = authentication === undefined ? {} : { authentication }
  return connectNats({ servers, namespace, ...given }).then(
    async (broker) => {
      await broker.close()
      return { reason: "connected" }
    },
    (error: unknown) => error
  )
}

const said = (reason: string, ...words: ReadonlyArray<string>): object => ({
  reason,
  message: expect.stringMatching(new RegExp(words.join(".*"), "s"))
})

test.skipIf(!hasOpenssl)("a certificate that cannot be trusted (needs openssl)", async () => {
  const { url } = await serverForTest({ configuration: tls() })
  expect(await refusal(url)).toMatchObject(
    said("Misconfigured", "nobody vouches", "caFile", "NODE_EXTRA")
  )
  const other = { tls: { caFile: file("alien.pem") } }
  expect(await refusal(url, other)).toMatchObject(said("Misconfigured", "did not sign"))
  const missing = { tls: { caFile: file("nowhere.pem") } }
  expect(await refusal(url, missing)).toMatchObject(
    said("Misconfigured", "cannot be read", "nowhere")
  )
  const broken = { tls: { caFile, key: "none", cert: "none" } }
  expect(await refusal(url, broken)).toMatchObject(said("Misconfigured", "cannot be read"))
  expect(await refusal(url, { tls: { caFile } })).toEqual({ reason: "connected" })
  const early = { tls: { caFile, handshakeFirst: true } }
  expect(await refusal(url, early)).toMatchObject(
    said("Misconfigured", "leave out `handshakeFirst`")
  )
})

test("a path in the place of a text, and a text in the place of a path", async () => {
  const { url } = await serverForTest()
  for (const text of ["ca", "cert", "key"]) {
    expect(await refusal(url, { tls: { [text]: "/etc/ssl/authority.pem" } })).toMatchObject(
      said("Misconfigured", `${text} is the text of a PEM file`, `give it as ${text}File`)
    )
    const secret = "-----BEGIN PRIVATE KEY-----\nXy9kQz\n-----END PRIVATE KEY-----\n"
    const error = await refusal(url, { tls: { [`${text}File`]: secret } })
    expect(error).toMatchObject(said("Misconfigured", `${text}File is the path`, `as ${text}`))
    expect(String(error)).not.toContain("Xy9kQz")
  }
})

test.skipIf(!hasOpenssl)("a certificate for another name (needs openssl)", async () => {
  const { url } = await serverForTest({ configuration: tls("elsewhere") })
  expect(await refusal(url, { tls: { caFile } })).toMatchObject(
    said("Misconfigured", "not for this name", "elsewhere.example")
  )
})

test.skipIf(!hasOpenssl)("a certificate of ours that is asked for (needs openssl)", async () => {
  const { url } = await serverForTest({
    configuration: tls("server", `ca_file: "${caFile}", verify: true`)
  })
  expect(await refusal(url, { tls: { caFile } })).toMatchObject(
    said("Refused", "asks for a certificate of ours", "none was given", "certFile")
  )
  const alien = { tls: { caFile, certFile: file("alien.pem"), keyFile: file("alien.key") } }
  expect(await refusal(url, alien)).toMatchObject(
    said("Refused", "does not accept our certificate", "ca_file")
  )
  const right = { tls: { caFile, certFile: file("client.pem"), keyFile: file("client.key") } }
  expect(await refusal(url, right)).toEqual({ reason: "connected" })
})

test.skipIf(!hasOpenssl)("TLS before the greeting (needs openssl)", async () => {
  const { url } = await serverForTest({ configuration: tls("server", "handshake_first: true") })
  expect(await refusal(url, { tls: { caFile } })).toMatchObject(
    said("Misconfigured", "handshakeFirst: true")
  )
  const first = { tls: { caFile, handshakeFirst: true } }
  expect(await refusal(url, first)).toEqual({ reason: "connected" })
})

test("TLS that the server has not", async () => {
  const { port } = await serverForTest()
  expect(await refusal(`tls://127.0.0.1:${port}`)).toMatchObject(
    said("Misconfigured", "TLS was asked for", "has none")
  )
})

test("users, passwords and tokens", async () => {
  const { url, port } = await serverForTest({
    configuration: 'authorization { user: me, password: "a/b@c" }'
  })
  expect(await refusal(url)).toMatchObject(said("Refused", "Nothing was given"))
  const wrong = { user: "me", pass: "wrong" }
  expect(await refusal(url, wrong)).toMatchObject(
    said("Refused", "the user and the password", "spelt right")
  )
  expect(await refusal(url, { token: "wrong" })).toMatchObject(said("Refused", "the token"))
  expect(await refusal(`nats://me:a/b@c@127.0.0.1:${port}`)).toEqual({ reason: "connected" })
  expect(await refusal(`nats://me:a/b@d@127.0.0.1:${port}`)).toMatchObject(
    said("Refused", "up to its last @", "encodeURIComponent")
  )
  const failing = {
    authenticator: (): never => {
      throw new Error("the vault is sealed")
    }
  }
  expect(await refusal(url, failing)).toMatchObject(
    said("Misconfigured", "the vault is sealed", "authenticator")
  )
})

test("a server that takes no more connections, alone and in a list", async () => {
  const server = await serverForTest({ configuration: "max_connections: 1" })
  const only = await connect({ servers: server.url })
  onTestFinished(() => only.close())
  const full = said("Refused", "takes no more connections", "max_connections")
  expect(await refusal(server.url)).toMatchObject(full)
  expect(await refusal(["nats://127.0.0.1:1", server.url])).toMatchObject(full)
  await only.close()
  // The server may hear of that only after the next one has come.
  await expect.poll(() => refusal(server.url), { timeout: 15_000 }).toEqual({ reason: "connected" })
}, 40_000)

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return `nats://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const strangers: ReadonlyArray<readonly [string, () => Server, object]> = [
  [
    "a web server",
    () => createHttp(),
    said("Misconfigured", "is not NATS", "HTTP/1.1 400", "4222")
  ],
  [
    "a server of another protocol",
    () => createServer((socket) => void socket.write("SSH-2.0-Any\r\n")),
    said("Misconfigured", "is not NATS", "SSH-2.0-Any")
  ],
  [
    "what says nothing",
    () => {
      const all = new Set<Socket>()
      const server = createServer((socket) => all.add(socket))
      return server.on("close", () => all.forEach((socket) => socket.destroy()))
    },
    said("Unreachable", "says nothing", "hangs")
  ],
  [
    "what closes at once",
    () => createServer((socket) => void socket.end()),
    said("Unreachable", "closes them without a word")
  ],
  [
    "what greets and says no more",
    () => {
      const all = new Set<Socket>()
      const server = createServer((socket) => {
        all.add(socket)
        socket.on("error", () => {})
        socket.write('INFO {"server_id":"x","version":"2.14.0","proto":1,"headers":true}\r\n')
      })
      return server.on("close", () => all.forEach((socket) => socket.destroy()))
    },
    said("Unreachable", "greets us, and then says nothing")
  ]
]

test.each(strangers)("%s", async (_, make, expected) => {
  expect(await refusal(await listening(make()))).toMatchObject(expected)
})

test("nobody, and a name that nobody has", async () => {
  expect(await refusal("nats://127.0.0.1:1")).toMatchObject(
    said("Unreachable", "refused", "Start one")
  )
  expect(await refusal("nats://nowhere.invalid:4222")).toMatchObject(
    said("Unreachable", "nobody knows a machine", "spelt right")
  )
})
