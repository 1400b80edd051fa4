# bash completion of edgeprune. Load it by: source <(edgeprune completion bash)
_edgeprune() {
  local candidate word words=() cur=${COMP_WORDS[COMP_CWORD]}
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == "=" ]] || words+=("$word") # bash parts --flag=value
  done
  [[ $cur == "=" ]] && cur=
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$(printf %q "${candidate%%$'\t'*}")") # names of files may be anything
  done < <("${COMP_WORDS[0]/#\~/$HOME}" __complete "${words[@]}" "$cur" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then
    compopt -o nospace 2>/dev/null # a folder goes on
  fi
}
complete -F _edgeprune edgeprune
