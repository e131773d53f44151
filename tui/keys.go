package tui

import "github.com/openclaw/crabbox-tui/provider"

// keyView is where a binding holds.
type keyView int

const (
	viewFleet keyView = iota
	viewPrefix
	viewDead // a pane without a shell
	viewPane // mouse and paging of a live pane; all else goes to the box
	viewCopy
	viewForm
	viewDialog
	viewNotices
)

// action is what a key does.
type action int

const (
	actNone action = iota
	actUp
	actDown
	actTop
	actBottom
	actPageUp
	actPageDown
	actAttach
	actNewTab
	actFocusPane
	actAcquire
	actResume
	actKeep
	actExtend
	actRelease
	actBind
	actRebind
	actGuard
	actUnfinished
	actRefresh
	actSort
	actFilter
	actCopy
	actDismiss
	actEscape
	actNotices
	actMouse
	actHelp
	actSuspend
	actQuit
	actFleet
	actZoom
	actNextTab
	actPrevTab
	actPickTab
	actClosePane
	actSplitBeside
	actSplitBelow
	actGoLeft
	actGoRight
	actGoUp
	actGoDown
	actGrowLeft
	actGrowRight
	actGrowUp
	actGrowDown
	actLastPane
	actSwapNext
	actSwapPrev
	actTabLeft
	actTabRight
	actBreak
	actGather
	actRename
	actMark
	actBroadcast
	actCopyMode
	actFind
	actFindOlder
	actFindNewer
	actFindWord
	actSelectCells
	actSelectLines
	actSelectBlock
	actSelectOutput
	actOtherEnd
	actCopySelection
	actOpenLink
	actLeft
	actRight
	actNextWord
	actPrevWord
	actWordEnd
	actLineStart
	actLineText
	actLineEnd
	actHalfUp
	actHalfDown
	actViewTop
	actViewMiddle
	actViewBottom
	actPrevPrompt
	actNextPrompt
	actReconnect
	actSendPrefix
	actCopyScreen
	actRecord
	actEditor
	actPager
	actSave
	actScrollUp
	actScrollDown
	actNextField
	actPrevField
	actNextChoice
	actPrevChoice
	actSubmit
)

// binding is one row of the table that behaviour, help and footer come from.
type binding struct {
	view   keyView
	keys   []string // as Bubble Tea names them
	label  string   // how help shows the keys
	help   string
	footer string // shorter, for the footer; empty: not shown there
	act    action
	// needs is what the selected row must allow; nil where any row will do.
	needs *provider.Action
}

func needs(a provider.Action) *provider.Action { return &a }

// prefixKey stands in the table for the configured prefix.
const prefixKey = "prefix"

// bindings is the key table; a key is there once a view.
var bindings = []binding{
	{viewFleet, []string{"enter"}, "enter", "open a shell in the box, or go to the open one", "shell", actAttach, needs(provider.ActionAttach)},
	{viewFleet, []string{"t", "o"}, "t o", "open one more shell in the box", "", actNewTab, needs(provider.ActionAttach)},
	{viewFleet, []string{"tab"}, "tab", "go to the open pane", "", actFocusPane, nil},
	{viewFleet, []string{"a"}, "a", "acquire a box", "acquire", actAcquire, nil},
	{viewFleet, []string{"u"}, "u", "resume an unfinished acquire", "resume", actResume, needs(provider.ActionResume)},
	{viewFleet, []string{"K"}, "K", "keep the box, or stop keeping it", "keep", actKeep, needs(provider.ActionKeep)},
	{viewFleet, []string{"e"}, "e", "extend TTL or idle timeout", "extend", actExtend, needs(provider.ActionExtend)},
	{viewFleet, []string{"r"}, "r", "release the box (asks first)", "release", actRelease, needs(provider.ActionRelease)},
	{viewFleet, []string{"b"}, "b", "give a lost create the instance that is its own", "bind", actBind, needs(provider.ActionBind)},
	{viewFleet, []string{"B"}, "B", "move the lease to the API key in use", "to this key", actRebind, needs(provider.ActionRebind)},
	{viewFleet, []string{"U"}, "U", "list what is unfinished", "", actUnfinished, nil},
	{viewFleet, []string{"W"}, "W", "the guard: releases at deadlines when you are away", "", actGuard, nil},
	{viewFleet, []string{"y"}, "y", "copy ssh command, IP or id", "copy", actCopy, nil},
	{viewFleet, []string{"esc"}, "esc", "leave a running acquire, or clear the filter", "", actEscape, nil},
	{viewFleet, []string{"x", "d"}, "x d", "dismiss an ended operation", "", actDismiss, nil},
	{viewFleet, []string{"up", "k"}, "↑ k", "up", "", actUp, nil},
	{viewFleet, []string{"down", "j"}, "↓ j", "down", "", actDown, nil},
	{viewFleet, []string{"home", "g"}, "home g", "first row", "", actTop, nil},
	{viewFleet, []string{"end", "G"}, "end G", "last row", "", actBottom, nil},
	{viewFleet, []string{"pgup"}, "pgup", "page up", "", actPageUp, nil},
	{viewFleet, []string{"pgdown"}, "pgdn", "page down", "", actPageDown, nil},
	{viewFleet, []string{"s"}, "s", "sort by the next column", "sort", actSort, nil},
	{viewFleet, []string{"/"}, "/", "filter rows", "filter", actFilter, nil},
	{viewFleet, []string{"R"}, "R", "refresh now", "", actRefresh, nil},
	{viewFleet, []string{"N", "!"}, "N !", "history of notices", "", actNotices, nil},
	{viewFleet, []string{"M"}, "M", "mouse on or off (off: the terminal selects text)", "", actMouse, nil},
	{viewFleet, []string{"?"}, "?", "help", "help", actHelp, nil},
	{viewFleet, []string{"ctrl+z"}, "ctrl+z", "suspend", "", actSuspend, nil},
	{viewFleet, []string{"q", "ctrl+c"}, "q ctrl+c", "quit (says what goes on billing)", "quit", actQuit, nil},

	{viewPrefix, []string{"d", "esc"}, "d esc", "back to the fleet", "fleet", actFleet, nil},
	{viewPrefix, []string{"z"}, "z", "zoom the pane", "zoom", actZoom, nil},
	{viewPrefix, []string{"n", "tab"}, "n tab", "next pane, of this tab and then the next", "next", actNextTab, nil},
	{viewPrefix, []string{"p", "shift+tab"}, "p", "pane before", "prev", actPrevTab, nil},
	{viewPrefix, []string{"["}, "[", "copy mode: scroll back, search, select", "copy", actCopyMode, nil},
	{viewPrefix, []string{"/"}, "/", "search what the pane has shown", "search", actFind, nil},
	{viewPrefix, []string{";"}, ";", "the pane that had the keyboard before", "", actLastPane, nil},
	{viewPrefix, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, "1-9", "tab by number", "", actPickTab, nil},
	{viewPrefix, []string{"t", "o"}, "t o", "one more shell in this box, in a tab", "new", actNewTab, nil},
	{viewPrefix, []string{"v", "|", "%"}, "v |", "one more shell beside this one", "beside", actSplitBeside, nil},
	{viewPrefix, []string{"s", "-", "\""}, "s -", "one more shell below this one", "below", actSplitBelow, nil},
	{viewPrefix, []string{"left", "h"}, "← h", "pane at the left", "", actGoLeft, nil},
	{viewPrefix, []string{"down", "j"}, "↓ j", "pane below", "", actGoDown, nil},
	{viewPrefix, []string{"up", "k"}, "↑ k", "pane above", "", actGoUp, nil},
	{viewPrefix, []string{"right", "l"}, "→ l", "pane at the right", "", actGoRight, nil},
	{viewPrefix, []string{"shift+left", "H"}, "shift+← H", "move the divider left (so for each direction)", "", actGrowLeft, nil},
	{viewPrefix, []string{"shift+down", "J"}, "shift+↓ J", "down", "", actGrowDown, nil},
	{viewPrefix, []string{"shift+up", "K"}, "shift+↑ K", "up", "", actGrowUp, nil},
	{viewPrefix, []string{"shift+right", "L"}, "shift+→ L", "right; they repeat without the prefix", "", actGrowRight, nil},
	{viewPrefix, []string{"}"}, "}", "swap with the next pane of the tab", "", actSwapNext, nil},
	{viewPrefix, []string{"{"}, "{", "swap with the pane before", "", actSwapPrev, nil},
	{viewPrefix, []string{"!"}, "!", "move the pane to a tab of its own", "", actBreak, nil},
	{viewPrefix, []string{"@"}, "@", "move the pane into the tab before", "", actGather, nil},
	{viewPrefix, []string{"<"}, "<", "move the tab left", "", actTabLeft, nil},
	{viewPrefix, []string{">"}, ">", "move the tab right", "", actTabRight, nil},
	{viewPrefix, []string{","}, ",", "name the tab", "", actRename, nil},
	{viewPrefix, []string{"b"}, "b", "broadcast: take this pane in, or out", "", actMark, nil},
	{viewPrefix, []string{"B"}, "B", "broadcast: end it, or take all panes of the tab in", "", actBroadcast, nil},
	{viewPrefix, []string{"c", "x"}, "c x", "close the pane", "close", actClosePane, nil},
	{viewPrefix, []string{"r"}, "r", "reconnect a lost pane", "", actReconnect, nil},
	{viewPrefix, []string{"R"}, "R", "record the pane, or end its recording", "", actRecord, nil},
	{viewPrefix, []string{"E"}, "E", "open the pane's text in the editor", "", actEditor, nil},
	{viewPrefix, []string{"P"}, "P", "open the pane's text in the pager", "", actPager, nil},
	{viewPrefix, []string{"S"}, "S", "save the pane's text to a file", "", actSave, nil},
	{viewPrefix, []string{"y"}, "y", "copy the screen's text", "", actCopyScreen, nil},
	{viewPrefix, []string{"m"}, "m", "mouse on or off (off: the terminal selects text)", "", actMouse, nil},
	{viewPrefix, []string{"?"}, "?", "help", "help", actHelp, nil},
	{viewPrefix, []string{prefixKey}, prefixKey, "send the prefix key itself to the box", "", actSendPrefix, nil},

	{viewDead, []string{"enter"}, "enter", "reconnect (all else needs the prefix)", "reconnect", actReconnect, nil},
	{viewDead, []string{"shift+pgup", "pgup"}, "pgup", "scroll back", "", actScrollUp, nil},
	{viewDead, []string{"shift+pgdown", "pgdown"}, "pgdn", "scroll forward", "", actScrollDown, nil},

	{viewPane, []string{"shift+pgup"}, "shift+pgup", "scroll back", "", actScrollUp, nil},
	{viewPane, []string{"shift+pgdown"}, "shift+pgdn", "scroll forward", "", actScrollDown, nil},

	{viewCopy, []string{"v", "space"}, "v space", "select characters from here, or stop", "select", actSelectCells, nil},
	{viewCopy, []string{"V"}, "V", "select lines, however often they were wrapped", "lines", actSelectLines, nil},
	{viewCopy, []string{"ctrl+v"}, "ctrl+v", "select a block", "", actSelectBlock, nil},
	{viewCopy, []string{"x"}, "x", "select what the command here printed (needs prompt marks)", "output", actSelectOutput, nil},
	{viewCopy, []string{"o"}, "o", "go to the selection's other end", "", actOtherEnd, nil},
	{viewCopy, []string{"y", "enter"}, "y enter", "copy the selection, or else the line, and leave", "copy", actCopySelection, nil},
	{viewCopy, []string{"/"}, "/", "search for a regular expression, from here upwards", "search", actFind, nil},
	{viewCopy, []string{"n"}, "n", "next match, upwards", "", actFindOlder, nil},
	{viewCopy, []string{"N"}, "N", "next match, downwards", "", actFindNewer, nil},
	{viewCopy, []string{"*"}, "*", "search for the word here", "", actFindWord, nil},
	{viewCopy, []string{"["}, "[", "prompt before (needs prompt marks)", "prompt", actPrevPrompt, nil},
	{viewCopy, []string{"]"}, "]", "next prompt", "", actNextPrompt, nil},
	{viewCopy, []string{"u"}, "u", "open the link here", "", actOpenLink, nil},
	{viewCopy, []string{"left", "h", "backspace"}, "← h", "left", "", actLeft, nil},
	{viewCopy, []string{"down", "j"}, "↓ j", "down", "", actDown, nil},
	{viewCopy, []string{"up", "k"}, "↑ k", "up", "", actUp, nil},
	{viewCopy, []string{"right", "l"}, "→ l", "right", "", actRight, nil},
	{viewCopy, []string{"w", "W"}, "w", "next word", "", actNextWord, nil},
	{viewCopy, []string{"b"}, "b", "word before", "", actPrevWord, nil},
	{viewCopy, []string{"e"}, "e", "end of the word", "", actWordEnd, nil},
	{viewCopy, []string{"0", "home"}, "0 home", "start of the row", "", actLineStart, nil},
	{viewCopy, []string{"^"}, "^", "start of its text", "", actLineText, nil},
	{viewCopy, []string{"$", "end"}, "$ end", "end of its text", "", actLineEnd, nil},
	{viewCopy, []string{"pgup", "shift+pgup", "ctrl+b"}, "pgup", "page up", "", actPageUp, nil},
	{viewCopy, []string{"pgdown", "shift+pgdown", "ctrl+f"}, "pgdn", "page down", "", actPageDown, nil},
	{viewCopy, []string{"ctrl+u"}, "ctrl+u", "half a page up", "", actHalfUp, nil},
	{viewCopy, []string{"ctrl+d"}, "ctrl+d", "half a page down", "", actHalfDown, nil},
	{viewCopy, []string{"g"}, "g", "oldest line", "", actTop, nil},
	{viewCopy, []string{"G"}, "G", "newest line", "", actBottom, nil},
	{viewCopy, []string{"H"}, "H", "top of the view", "", actViewTop, nil},
	{viewCopy, []string{"M"}, "M", "middle of the view", "", actViewMiddle, nil},
	{viewCopy, []string{"L"}, "L", "bottom of the view", "", actViewBottom, nil},
	{viewCopy, []string{"?"}, "?", "help", "", actHelp, nil},
	{viewCopy, []string{"esc"}, "esc", "drop the selection, then the search, then leave", "", actDismiss, nil},
	{viewCopy, []string{"q", "ctrl+c"}, "q", "leave", "leave", actEscape, nil},

	{viewForm, []string{"tab", "down"}, "tab ↓", "next field", "next field", actNextField, nil},
	{viewForm, []string{"shift+tab", "up"}, "shift+tab ↑", "field before", "", actPrevField, nil},
	{viewForm, []string{"enter"}, "enter", "acquire the box", "acquire", actSubmit, nil},
	{viewForm, []string{"esc", "ctrl+c"}, "esc", "leave without acquiring", "cancel", actEscape, nil},

	{viewDialog, []string{"left", "up", "shift+tab"}, "← ↑", "choice before", "", actPrevChoice, nil},
	{viewDialog, []string{"right", "down", "tab"}, "→ ↓", "next choice", "", actNextChoice, nil},
	{viewDialog, []string{"enter"}, "enter", "take the marked choice", "", actSubmit, nil},
	{viewDialog, []string{"esc", "ctrl+c"}, "esc", "leave", "", actEscape, nil},

	{viewNotices, []string{"up", "k"}, "↑ k", "up", "", actUp, nil},
	{viewNotices, []string{"down", "j"}, "↓ j", "down", "", actDown, nil},
	{viewNotices, []string{"pgup"}, "pgup", "page up", "", actPageUp, nil},
	{viewNotices, []string{"pgdown", "space"}, "pgdn", "page down", "", actPageDown, nil},
	{viewNotices, []string{"esc", "q", "ctrl+c", "enter", "?", "N", "!"}, "esc q", "close", "close", actEscape, nil},
}

// lookup finds what a key does in a view; prefix is the configured prefix key.
func lookup(v keyView, key, prefix string) (binding, bool) {
	for _, b := range bindings {
		if b.view != v {
			continue
		}
		for _, k := range b.keys {
			if k == key || k == prefixKey && key == prefix {
				return b, true
			}
		}
	}
	return binding{}, false
}

// shownKey is a binding's label with the prefix key filled in.
func (b binding) shownKey(prefix string) string {
	if b.label == prefixKey {
		return prefix
	}
	return b.label
}
