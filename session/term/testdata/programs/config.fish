set -g fish_greeting
set -g fish_autosuggestion_enabled 0
function fish_prompt
    printf '\e]133;A\a'
    set_color -b 005f87 ffffff
    printf ' 家 %s ' main
    set_color -b 87af00 005f87
    printf '▶ ok '
    set_color normal
    set_color 87af00
    printf '▶ '
    set_color normal
    printf '\e]133;B\a'
end
function fish_right_prompt
    set_color 8a8a8a
    printf '時 12:34:56'
    set_color normal
end
function fish_title
end
