/** `arpeggio completions`: a script by which a shell completes commands and their options. */
import { type Command, Argument } from "commander"

const shells = ["bash", "zsh", "fish"] as const

type Shell = (typeof shells)[number]

export const addCompletions = (program: Command): void => {
  program
    .command("completions")
    .addArgument(new Argument("<shell>", "whose").choices(shells))
    .description(
      'prints a script that has a shell complete commands and options: eval "$(arpeggio completions bash)", the same with zsh, arpeggio completions fish | source'
    )
    .action((shell: Shell) => {
      process.stdout.write(scripts[shell](choicesOf(program, "")))
    })
}

/** What may follow some words; of commands, with what they do. */
interface Choices {
  /** The commands before: "", "dead", "dead list". */
  readonly behind: string
  readonly commands: ReadonlyArray<readonly [name: string, does: string]>
  readonly flags: ReadonlyArray<readonly [name: string, does: string]>
}

const choicesOf = (command: Command, behind: string): ReadonlyArray<Choices> => [
  {
    behind,
    commands: command.commands.map((one) => [one.name(), one.description()]),
    flags: [
      ...command.options.map(({ long, description }) => [long ?? "", description] as const),
      ["--help", "print help"]
    ]
  },
  ...command.commands.flatMap((one) =>
    choicesOf(one, behind === "" ? one.name() : `${behind} ${one.name()}`)
  )
]

/** The longest row of commands at the beginning of the line counts; where nothing is left to say, files are completed. */
const bash = (all: ReadonlyArray<Choices>): string => {
  const names = ({ commands, flags }: Choices): string =>
    [...commands, ...flags].map(([name]) => name).join(" ")
  const cases = all
    .toReversed()
    .map((one) => {
      const pattern = one.behind === "" ? "*" : `"${one.behind} "*`
      return `    ${pattern}) words="${names(one)}" ;;`
    })
    .join("\n")
  return `_arpeggio() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  local line="\${COMP_WORDS[*]:1:COMP_CWORD-1} "
  case "$line" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _arpeggio arpeggio
`
}

const fish = (all: ReadonlyArray<Choices>): string => {
  const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, "\\$&")}'`
  const lines = all.flatMap(({ behind, commands, flags }) => {
    const [first, second] = behind.split(" ")
    const when =
      behind === ""
        ? "__fish_use_subcommand"
        : `__fish_seen_subcommand_from ${first}${second === undefined ? "" : `; and __fish_seen_subcommand_from ${second}`}`
    return [
      ...commands.map(
        ([name, does]) =>
          `complete -c arpeggio -n ${quoted(when)} -a ${quoted(name)} -d ${quoted(does)}`
      ),
      ...flags.map(
        ([name, does]) =>
          `complete -c arpeggio -n ${quoted(when)} -l ${name.slice(2)} -d ${quoted(does)}`
      )
    ]
  })
  return `${lines.join("\n")}\n`
}

const scripts: { readonly [shell in Shell]: (all: ReadonlyArray<Choices>) => string } = {
  bash,
  zsh: (all) => `autoload -U +X bashcompinit && bashcompinit\n${bash(all)}`,
  fish
}
