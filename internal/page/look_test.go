package page_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestLook(t *testing.T) {
	if os.Getenv(screenshots) == "" {
		t.Skip()
	}
	url := site(t, "../..")
	tab := chromium(t)
	n := 0
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 360} {
			shot := func(name string) { picture(t, tab, fmt.Sprintf("%s-%s-%d", name, scheme, width)) }
			do(t, tab, look(width, scheme), chromedp.Navigate(url+"/"), chromedp.WaitVisible(chromedp.CSS("main")))
			shot("home")
			do(t, tab, js("scrollTo(0,900)"))
			shot("home2")
			do(t, tab, chromedp.Navigate(url+"/ch04-saga/"), chromedp.WaitVisible(chromedp.CSS("main")))
			shot("lesson")
			do(t, tab, js("document.documentElement.style.scrollBehavior='auto';document.querySelector('.predict').scrollIntoView({block:'center'})"))
			shot("lesson2")
			do(t, tab, chromedp.Navigate(url+"/ch04-saga/mistakes/"), chromedp.WaitVisible(chromedp.CSS("main")), js("document.querySelector('details').open=true"))
			shot("mistakes")
			do(t, tab, chromedp.Navigate(url+"/-/replay"), chromedp.WaitVisible(chromedp.CSS("main")))
			shot("replay")
			do(t, tab, chromedp.Navigate(url+"/ch05-2pc/"), chromedp.WaitVisible(chromedp.CSS("main")))
			if n == 0 {
				do(t, tab, js(`document.querySelector("[data-do=start]").click()`),
					until(`document.getElementById("live").dataset.now==="stage"`),
					js(`document.querySelector("form[data-command=play] button.main").click()`),
					until(`document.querySelector(".log li code")`))
			} else {
				do(t, tab, until(`document.getElementById("live").dataset.now==="stage"`))
			}
			n++
			if width < 1000 {
				do(t, tab, chromedp.Click(chromedp.CSS(".switch [data-pane=live]")))
			}
			shot("live")
			do(t, tab, js(`document.querySelector('#break-title').scrollIntoView()`))
			shot("live2")
			do(t, tab, js(`document.querySelector('#ledger-title').scrollIntoView()`))
			shot("live3")
			do(t, tab, js(`document.querySelector('#live').scrollTop=0`))
		}
	}
}
