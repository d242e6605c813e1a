/**
 * How far this process knows the stream to be written.
 *
 * A stream without a leader is described by any of its replicas, one that has just lost its lead may not know it yet, and
 * either may lack what was acknowledged to us. Its answer then ends before the newest record we know of.
 */
export class Progress {
  #newest = 0

  note(sequence: number | undefined): void {
    if (sequence !== undefined && sequence > this.#newest) this.#newest = sequence
  }

  /** Whether a state of the stream that ends there holds all that we know of. */
  covers(last: number): boolean {
    return last >= this.#newest
  }
}
