/** A module in which there is no task. */
export const helper = (net: number): number => net
export const retries = 3
