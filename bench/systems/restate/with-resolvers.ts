/** `Promise.withResolvers` for Node 20, which has none: the SDK cannot do without it. */
interface Resolvers {
  promise: Promise<unknown>
  resolve: (value: unknown) => void
  reject: (cause: unknown) => void
}

const promises = Promise as unknown as { withResolvers?: () => Resolvers }

promises.withResolvers ??= () => {
  const made: Partial<Resolvers> = {}
  made.promise = new Promise((resolve, reject) => {
    made.resolve = resolve
    made.reject = reject
  })
  return made as Resolvers
}
