#compdef edgeprune
# zsh completion of edgeprune. Load it by: source <(edgeprune completion zsh)
_edgeprune() {
  local line
  local -a lines described folders
  lines=("${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  for line in $lines; do
    if [[ ${line%%$'\t'*} == */ ]]; then
      folders+=("${line%%$'\t'*}")
    elif [[ $line == *$'\t'* ]]; then
      described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    elif [[ -n $line ]]; then
      described+=("${line//:/\\:}")
    fi
  done
  (( $#described )) && _describe -t edgeprune edgeprune described
  (( $#folders )) && compadd -S '' -- $folders # a folder goes on
  return 0
}
if [[ $funcstack[1] == _edgeprune ]]; then
  _edgeprune
else
  compdef _edgeprune edgeprune
fi
