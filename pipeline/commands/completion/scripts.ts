/**
 * Scripts that teach a shell to complete `deno task …` and `npx -y deno task …`. Everything else stays with the
 * completion that the shell had before.
 *
 * @module
 */

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = typeof shells[number];

export interface TaskFlag {
  /** Without its dashes. */
  readonly name: string;
  readonly description: string;
  /** The values it takes, if it takes one; `file`: a file or any text. */
  readonly value?: readonly string[] | "file";
}

/** The words that may follow a task. */
export interface TaskWords {
  readonly name: string;
  readonly description: string;
  /** The values of its argument. */
  readonly values: readonly string[];
  readonly flags: readonly TaskFlag[];
}

export const completionScripts: Readonly<Record<Shell, (tasks: readonly TaskWords[]) => string>> = { bash, zsh, fish };

/** For bash 3.2 and later. */
function bash(tasks: readonly TaskWords[]): string {
  const values = tasks.flatMap(({ name, flags }) =>
    flags.filter(({ value }) => value).map(({ name: flag, value }) =>
      `    "${name} --${flag}") words=${value === "file" ? "" : quoted((value as string[]).join(" "))} ;;`
    )
  );
  const words = tasks.map(({ name, values, flags }) =>
    `        ${name}) words=${quoted([...values, ...flags.map(({ name }) => `--${name}`)].join(" "))} ;;`
  );
  return `# Load it with: source <(deno task --quiet completion bash)
__shakenet_before() { complete -p "$1" 2>/dev/null | sed -n 's/.* -F \\([^ ]*\\) .*/\\1/p'; }
[[ $(__shakenet_before deno) == __shakenet ]] || __shakenet_deno=$(__shakenet_before deno)
[[ $(__shakenet_before npx) == __shakenet ]] || __shakenet_npx=$(__shakenet_before npx)

__shakenet() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} at task=0 words before
  # Bash splits --flag=value at the sign.
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} == task && \${COMP_WORDS[at - 1]##*/} == deno ]]; then task=$at; break; fi
  done
  if ((task == 0)); then
    before=__shakenet_\${1##*/}
    [[ -n \${!before} ]] && "\${!before}" "$@"
    return
  fi
  if ((COMP_CWORD == task + 1)); then
    COMPREPLY=($(compgen -W ${quoted(tasks.map(({ name }) => name).join(" "))} -- "$current"))
    return
  fi
  case "\${COMP_WORDS[task + 1]} $previous" in
${values.join("\n")}
    *)
      case "\${COMP_WORDS[task + 1]}" in
${words.join("\n")}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F __shakenet deno npx`;
}

function zsh(tasks: readonly TaskWords[]): string {
  const plain = (text: string) => text.replace(/[[\]:\\]/g, (sign) => `\\${sign}`);
  const spec = ({ name, description, value }: TaskFlag) =>
    value === undefined
      ? `--${name}[${plain(description)}]`
      : `--${name}=[${plain(description)}]:${name}:${value === "file" ? "_files" : `(${value.join(" ")})`}`;
  const cases = tasks.filter(({ flags }) => flags.length).map(({ name, values, flags }) => {
    const specs = [...(values.length ? [`1:${name}:(${values.join(" ")})`] : []), ...flags.map(spec)];
    return `    ${name})\n      _arguments ${specs.map(quoted).join(" \\\n        ")} ;;`;
  });
  return `# Load it with: source <(deno task --quiet completion zsh)
typeset -gA __shakenet_before
for program in deno npx; do
  [[ $_comps[$program] == __shakenet ]] || __shakenet_before[$program]=$_comps[$program]
done
unset program

__shakenet() {
  local -i at task=0
  for ((at = 2; at < CURRENT; at++)); do
    if [[ $words[at] == task && \${words[at - 1]:t} == deno ]]; then task=at; break; fi
  done
  if ((task == 0)); then
    local before=$__shakenet_before[\${words[1]:t}]
    [[ -n $before ]] && $before "$@"
    return
  fi
  if ((CURRENT == task + 1)); then
    local -a tasks=(
${tasks.map(({ name, description }) => `      ${quoted(`${name}:${description}`)}`).join("\n")}
    )
    _describe task tasks
    return
  fi
  words=("\${(@)words[task + 1, -1]}")
  ((CURRENT -= task))
  case $words[1] in
${cases.join("\n")}
    *) _files ;;
  esac
}
compdef __shakenet deno npx`;
}

function fish(tasks: readonly TaskWords[]): string {
  const lines = tasks.flatMap(({ name, values, flags }) => {
    const complete = `  complete -c $program -n '__shakenet_task ${name}'`;
    return [
      ...(values.length ? [`${complete} -f -a ${quoted(values.join(" "))}`] : []),
      ...flags.map(({ name, description, value }) => {
        const takes = value === undefined ? "-f" : value === "file" ? "-r" : `-x -a ${quoted(value.join(" "))}`;
        return `${complete} -l ${name} ${takes} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# Load it with: deno task --quiet completion fish | source
# Load the system's completion of deno first, because it erases every earlier one.
complete -C 'deno ' >/dev/null

# Succeeds if the command line is of the task or, without a task, if its name comes next.
function __shakenet_task
  set -l words (commandline -opc)
  for at in (seq 2 (count $words))
    if test $words[$at] = task; and string match -qr '(^|/)deno$' -- $words[(math $at - 1)]
      if set -q argv[1]
        test (count $words) -gt $at; and test $words[(math $at + 1)] = $argv[1]
      else
        test (count $words) -eq $at
      end
      return
    end
  end
  return 1
end

for program in deno npx
${
    tasks.map(({ name, description }) =>
      `  complete -c $program -n __shakenet_task -f -a ${name} -d ${quoted(description)}`
    ).join("\n")
  }
${lines.join("\n")}
end`;
}

/** Quotes a word so that no shell reads it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`;
