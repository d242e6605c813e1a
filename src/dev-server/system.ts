/** What there is of nats-server for each system: npm has a program for one of them, for the others a command gets it. */

/** The part of `process` that says where this runs. */
export interface System {
  readonly platform: NodeJS.Platform
  readonly arch: string
}

/** The one system that the pinned package has a program for. */
export const hasPackage = ({ platform, arch }: System): boolean =>
  platform === "linux" && arch === "x64"

/** What to type for a nats-server. */
export const installing = ({ platform }: System): string => {
  switch (platform) {
    case "darwin":
      return "brew install nats-server"
    case "win32":
      return "winget install NATSAuthors.NATSServer"
    default:
      return "curl -fsSL https://binaries.nats.dev/nats-io/nats-server/v2@latest | sh && export NATS_SERVER_BIN=$PWD/nats-server"
  }
}
