package page_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheHomePageAndItsTranslationLeadToEachOther(t *testing.T) {
	require.Contains(t, get(t, "/").Body.String(), `<a href="/-/zh" lang="zh" hreflang="zh">中文</a>`)
	chinese := get(t, "/-/zh").Body.String()
	require.Contains(t, chinese, `<html lang="zh">`)
	require.Contains(t, chinese, `<a href="/" lang="en" hreflang="en">English</a>`)
	require.Contains(t, chinese, "能展示什么？")
	require.Contains(t, chinese, `<a class="name" href="/ch01-toy/README.zh.md">一个玩具</a>`)
	require.Contains(t, chinese, `<a class="name" href="/CHOICE.md">One or the other?</a>`,
		"what is not translated is there in English")
	require.Contains(t, chinese, `data-progress="ch01-toy" data-of="1"`,
		"a prediction counts in both languages")
}

func TestALessonAndItsTranslationLeadToEachOther(t *testing.T) {
	require.Contains(t, get(t, "/ch01-toy/").Body.String(),
		`<a href="/ch01-toy/README.zh.md" lang="zh" hreflang="zh">中文</a>`)
	chinese := get(t, "/ch01-toy/README.zh.md").Body.String()
	require.Contains(t, chinese, "<title>1. 一个玩具</title>", "the stamp before it is no title")
	require.Contains(t, chinese, `<a href="/ch01-toy/" lang="en" hreflang="en">English</a>`)
	require.Contains(t, chinese, `id="live"`, "the live services stand beside it, too")
	require.Contains(t, chinese, `data-fault="lost @ client -&gt; order: POST /orders order-1 #1"`)
	require.NotContains(t, get(t, "/CHOICE.md").Body.String(), "中文", "it has no translation")
}
