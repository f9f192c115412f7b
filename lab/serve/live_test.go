package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/labtest"
	"example.com/dtx/lab/live"
	"example.com/dtx/lab/serve"
	"example.com/dtx/lab/toy"
)

// page is who shows a live chapter.
type page struct {
	t   *testing.T
	dir string // the folder of the chapter's temporary files
	in  io.WriteCloser
	id  int

	mu      sync.Mutex // guards what follows
	changed chan struct{}
	lines   []live.Line // the lines of the present run, Hello first
	replies map[int]live.Reply
}

// show begins to show a version of the toy. When the test ends, all must be gone.
func show(t *testing.T, v lab.Variant) *page {
	in, commands := io.Pipe()
	said, out := io.Pipe()
	p := &page{
		t: t, dir: labtest.OwnTemp(t), in: commands,
		changed: make(chan struct{}), replies: map[int]live.Reply{},
	}
	ended := make(chan error, 1)
	go func() {
		ctx := context.WithoutCancel(t.Context()) // until its input ends
		err := serve.Live(ctx, toy.Chapter(), v, in, out)
		ended <- errors.Join(err, out.Close())
	}()
	listened := make(chan error, 1)
	go func() { listened <- p.listen(said) }()
	t.Cleanup(func() {
		require.NoError(t, commands.Close())
		require.NoError(t, <-ended)
		require.NoError(t, <-listened)
		labtest.Empty(t, p.dir, "the chapter was shown")
	})
	return p
}

func (p *page) listen(said io.Reader) error {
	lines := json.NewDecoder(said)
	lines.DisallowUnknownFields()
	for {
		var l live.Line
		if err := lines.Decode(&l); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		p.take(l)
	}
}

func (p *page) take(l live.Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.Hello != nil {
		p.lines = nil
	}
	p.lines = append(p.lines, l)
	if l.Reply != nil {
		p.replies[l.Reply.ID] = *l.Reply
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// await waits until something holds.
func (p *page) await(what string, holds func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	for {
		p.mu.Lock()
		ok, changed := holds(), p.changed
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			p.mu.Lock()
			defer p.mu.Unlock()
			last, err := json.Marshal(p.lines[max(0, len(p.lines)-5):])
			require.FailNow(p.t, "never came: "+what, "the last lines are %s %v", last, err)
		}
	}
}

// begin gives a command, whose reply may come later.
func (p *page) begin(cmd live.Command) (id int) {
	p.t.Helper()
	p.id++
	cmd.ID = p.id
	line, err := json.Marshal(cmd)
	require.NoError(p.t, err)
	p.write(string(line) + "\n")
	return cmd.ID
}

func (p *page) write(text string) {
	p.t.Helper()
	_, err := io.WriteString(p.in, text)
	require.NoError(p.t, err)
}

// reply waits for the answer to a command.
func (p *page) reply(id int) (r live.Reply) {
	p.t.Helper()
	p.await("a reply", func() (ok bool) { r, ok = p.replies[id]; return ok })
	return r
}

// ask gives a command, and wants it carried out.
func (p *page) ask(cmd live.Command) live.Reply {
	p.t.Helper()
	r := p.reply(p.begin(cmd))
	require.Empty(p.t, r.Error, "%+v", cmd)
	return r
}

// refused gives a command that must be refused, and returns why it is.
func (p *page) refused(cmd live.Command) string {
	p.t.Helper()
	r := p.reply(p.begin(cmd))
	require.NotEmpty(p.t, r.Error, "%+v", cmd)
	return r.Error
}

// state waits for a state like that.
func (p *page) state(what string, like func(live.State) bool) (s live.State) {
	p.t.Helper()
	p.await(what, func() bool {
		i := len(p.lines) - 1
		for ; i > 0 && p.lines[i].State == nil; i-- {
		}
		if i > 0 {
			s = *p.lines[i].State
		}
		return i > 0 && like(s)
	})
	return s
}

func reads(m live.Meter) func(live.State) bool {
	return func(s live.State) bool { return s.Meter == m }
}

// events returns those of the present run.
func (p *page) events() (list []event.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.lines {
		if l.Event != nil {
			list = append(list, *l.Event)
		}
	}
	return list
}

// files tells where the services of the present run have their databases.
func (p *page) files() func(service string) string {
	p.t.Helper()
	dirs, err := filepath.Glob(filepath.Join(p.dir, "dtx*"))
	require.NoError(p.t, err)
	require.Len(p.t, dirs, 1, "one run, one directory")
	return func(service string) string { return filepath.Join(dirs[0], service+".db") }
}

var (
	success    = live.Command{Do: live.Play, Scenario: "success"}
	settle     = live.Command{Do: live.Settle}
	chargedBut = "crash before @ till: commit POST /charge order-1 #1"
)

func TestAPageHearsOfEachEventOnceAndInOrder(t *testing.T) {
	p := show(t, toy.Variant(toy.None))
	p.state("a shop that is open", reads(live.Whole))
	columns := p.lines[0].Hello.Columns
	require.Equal(t, []string{"client", "shop", "till"}, columns, "hello comes first")
	played := p.ask(success)
	require.Equal(t, []live.Told{{Order: "order-1", Status: 201, Text: "201 Created"}}, played.Told)
	require.Equal(t, "go run ./toy -variant 'right' -scenario 'success'", played.Command)
	require.Empty(t, p.ask(settle).Verdict.Findings)
	events := p.events()
	require.Equal(t, event.Send, events[0].Kind)
	commits := 0
	for i, e := range events {
		require.Equal(t, i+1, e.Seq)
		if e.Kind == event.Commit {
			commits++
		}
	}
	require.Equal(t, 3, commits, "an order that is open, a charge, an order that is done")
}

func TestAnAnswerComesAfterTheEventsThatLedToIt(t *testing.T) {
	p := show(t, toy.Variant(toy.None))
	for i := range 20 {
		key := fmt.Sprintf("order-%d", i)
		order := &live.Order{Key: key, Customer: "ada", Item: "tea", Quantity: 1, Slot: "mon-am"}
		p.ask(live.Command{Do: live.Place, Order: order})
		p.mu.Lock()
		answered := slices.IndexFunc(p.lines, func(l live.Line) bool {
			return l.Reply != nil && l.Reply.ID == p.id
		})
		require.True(t, slices.ContainsFunc(p.lines[:answered], func(l live.Line) bool {
			e := l.Event
			return e != nil && e.Service == "client" && e.Kind == event.Receive &&
				strings.Contains(e.Point, key+" ")
		}), "the client had its answer, and the page had not heard of it")
		p.mu.Unlock()
	}
}

// TestWhatAPageIsToldIsWhatTheDatabasesSay requires, whatever fault strikes, that what
// is said is what happened: each effect in a database was committed by that service,
// for that order, and the page was told so.
func TestWhatAPageIsToldIsWhatTheDatabasesSay(t *testing.T) {
	for _, k := range []fault.Kind{
		fault.ReplyLost, fault.CrashAfter, fault.Applied, fault.NotApplied, fault.Twice,
		fault.AtRest,
	} {
		t.Run(string(k), func(t *testing.T) {
			v := toy.Variant(toy.None)
			p := show(t, v)
			next := live.Command{Do: live.Next, Kind: k, Service: "till"}
			if k == fault.ReplyLost || k == fault.Twice || k == fault.AtRest {
				next.Service, next.Peer = "shop", "till"
			}
			struck := p.begin(next)
			p.ask(success)
			require.Contains(t, p.reply(struck).Fault, string(k)+" @ "+next.Service)
			if k == fault.CrashAfter || k == fault.Applied || k == fault.NotApplied {
				p.state("a dead till", func(s live.State) bool {
					return slices.Equal(s.Down, []string{"till"})
				})
				p.ask(live.Command{Do: live.Restart, Service: "till"})
			}
			require.Empty(t, p.ask(settle).Verdict.Findings)
			said := p.state("the state at rest", func(live.State) bool { return true })
			audit, err := lab.ReadLedger(t.Context(), v, lab.Files(p.files()))
			require.NoError(t, err)
			require.Len(t, audit.Effects, 2)
			require.Len(t, said.Effects, len(audit.Effects))
			for i, e := range said.Effects {
				effect := lab.Effect{
					Kind:    e.Kind,
					Order:   e.Order,
					Account: e.Account,
					Amount:  e.Amount,
				}
				require.Equal(t, audit.Effects[i], effect)
				require.True(t, slices.ContainsFunc(p.events(), func(c event.Event) bool {
					mine := strings.Contains(c.Point, e.Order) ||
						strings.Contains(c.Point, "background")
					return c.Kind == event.Commit && c.Service == e.Service && mine
				}), "the page has not heard of the commit of %+v", e)
			}
			for i, a := range said.Accounts {
				balance := lab.Balance{Kind: a.Kind, Account: a.Name, Amount: a.Amount}
				require.Equal(t, audit.Balances[i], balance)
			}
		})
	}
}

func TestAServiceThatAPlanKillsStaysDownUntilItIsRestarted(t *testing.T) {
	p := show(t, toy.Variant(toy.None))
	const crash = "crash before @ till: commit POST /charge order-1 #1"
	planned := p.ask(live.Command{Do: live.Plan, Fault: crash})
	require.Equal(t, chargedBut, planned.Fault)
	played := p.ask(success)
	require.Equal(t, 503, played.Told[0].Status)
	s := p.state("a dead till", func(s live.State) bool {
		return len(s.Down) > 0 && len(s.Stuck) > 0
	})
	require.Equal(t, live.Between, s.Meter)
	require.Equal(t, []string{"till"}, s.Down)
	require.Equal(t, []string{"order-1 is open"}, s.Stuck)
	require.Equal(t, "settle: till is down: restart it first", p.refused(settle))
	require.Contains(t, p.refused(live.Command{Do: live.Crash, Service: "till"}), "not running")
	p.ask(live.Command{Do: live.Restart, Service: "till"})
	settled := p.ask(settle)
	require.Empty(t, settled.Verdict.Findings)
	command := "go run ./toy -variant 'right' -scenario 'success' -fault '" + chargedBut + "'"
	require.Equal(t, command, settled.Command)
	p.state("a whole shop", func(s live.State) bool {
		return s.Meter == live.Whole && len(s.Down)+len(s.Stuck) == 0
	})
	refused := p.refused(live.Command{Do: live.Plan, Fault: chargedBut})
	require.Contains(t, refused, "has been there already")
}

func TestALessonsRunRestartsWhatDiesUntilItIsSettled(t *testing.T) {
	p := show(t, toy.Variant(toy.NoDeduplication))
	p.ask(live.Command{Do: live.Reset, Restarts: true})
	const dies = "crash before reply @ till: POST /charge order-1 #1"
	p.ask(live.Command{Do: live.Plan, Fault: dies})
	p.ask(success)
	settled := p.ask(settle)
	require.NotEmpty(t, settled.Verdict.Findings, "the till was asked again")
	s := p.state("a broken shop", reads(live.Broken))
	require.Empty(t, s.Down)
	require.Contains(t, s.Plain, "ada paid ")
	p.ask(live.Command{Do: live.Crash, Service: "till"})
	p.state("a dead till", func(s live.State) bool { return len(s.Down) == 1 })
	require.Contains(t, p.refused(settle), "till is down")
	p.ask(live.Command{Do: live.Restart, Service: "till"})
}

func TestAServiceThatIsKilledByHandIsRestartedByHand(t *testing.T) {
	p := show(t, toy.Variant(toy.None))
	p.begin(live.Command{Do: live.Next, Kind: fault.Lost, Service: "shop", Peer: "till"})
	hanging := p.begin(live.Command{Do: live.Play, Scenario: "retry"})
	p.await("the loss", func() bool { return slices.ContainsFunc(p.lines, dropped) })
	waiting := p.begin(settle)
	p.ask(live.Command{Do: live.Crash, Service: "shop"})
	require.Equal(t, "settle: shop is down: restart it first", p.reply(waiting).Error)
	p.ask(live.Command{Do: live.Restart, Service: "shop"})
	r := p.reply(hanging)
	require.NotEqual(t, 201, r.Told[0].Status)
	require.Empty(t, r.Command, "no line in a terminal does what a hand did")
	require.Empty(t, p.ask(settle).Verdict.Findings)
}

func dropped(l live.Line) bool { return l.Event != nil && l.Event.Kind == event.Drop }

func TestAPowerCutIsSeenAsWhatItLeaves(t *testing.T) {
	p := show(t, toy.Variant(toy.None))
	struck := p.begin(live.Command{Do: live.Next, Kind: fault.PowerCutAfterReply, Service: "shop"})
	key, status := "", 0
	for i := 0; status != 201; i++ { // on a slow machine the first answer may be another one
		key = fmt.Sprintf("order-%d", i)
		order := &live.Order{Key: key, Customer: "ada", Item: "tea", Quantity: 1, Slot: "mon-am"}
		status = p.ask(live.Command{Do: live.Place, Order: order}).Told[0].Status
	}
	require.Equal(t, "power cut after reply @ shop: POST /orders "+key+" #1", p.reply(struck).Fault)
	s := p.state("what the disk has kept", func(s live.State) bool { return len(s.Down) > 0 })
	require.Equal(t, []string{key + " is open"}, s.Stuck, "that it is done was not forced")
	p.ask(live.Command{Do: live.Restart, Service: "shop"})
	require.Empty(t, p.ask(settle).Verdict.Findings)
}

func TestWhatIsWrongAtRestIsBroken(t *testing.T) {
	p := show(t, toy.Variant(toy.NoDeduplication))
	p.begin(live.Command{Do: live.Next, Kind: fault.ReplyLost, Service: "shop"})
	p.ask(success)
	s := p.state("a broken shop", reads(live.Broken))
	require.Contains(t, s.Wrong[0], "all or nothing: payment")
	require.Equal(t, s.Wrong, p.ask(settle).Verdict.Findings)
	p.ask(live.Command{Do: live.Crash, Service: "till"})
	p.state("a shop whose till may know better", func(s live.State) bool {
		return s.Meter == live.Between && len(s.Down) == 1
	})
	p.ask(live.Command{Do: live.Restart, Service: "till"})
	p.state("a shop that is still broken", reads(live.Broken))
}

func TestWhatIsStuckIsBrokenWhenItHasNotMovedForLong(t *testing.T) {
	p := show(t, toy.Variant(toy.HoldForgotten))
	p.ask(live.Command{Do: live.Plan, Fault: "crash before @ till: commit POST /charge order-1 #2"})
	p.ask(success)
	p.state("a dead till", func(s live.State) bool { return len(s.Down) > 0 })
	p.ask(live.Command{Do: live.Restart, Service: "till"})
	p.state("a hold that may still be removed", func(s live.State) bool {
		return s.Meter == live.Between && len(s.Down) == 0
	})
	s := p.state("a broken shop", reads(live.Broken))
	require.Equal(t, []string{"money is held for order-1"}, s.Stuck)
}

func TestALinkStaysCutUntilItIsHealed(t *testing.T) {
	p := show(t, toy.Variant(toy.None))
	p.ask(live.Command{Do: live.Cut, Service: "shop", Peer: "till"})
	order := &live.Order{Key: "mine", Customer: "ada", Item: "tea", Quantity: 1, Slot: "mon-am"}
	r := p.ask(live.Command{Do: live.Place, Order: order})
	require.Equal(t, 503, r.Told[0].Status)
	s := p.state("an order in between", func(s live.State) bool { return len(s.Stuck) > 0 })
	require.Equal(t, live.Between, s.Meter)
	cutAgain := live.Command{Do: live.Cut, Service: "till", Peer: "shop"}
	require.Contains(t, p.refused(cutAgain), "cut already")
	const healFirst = "settle: the link between shop and till is cut: heal it first"
	require.Equal(t, healFirst, p.refused(settle))
	p.ask(live.Command{Do: live.Heal, Service: "till", Peer: "shop"})
	healAgain := live.Command{Do: live.Heal, Service: "till", Peer: "shop"}
	require.Contains(t, p.refused(healAgain), "not cut")
	require.Empty(t, p.ask(settle).Verdict.Findings)
	p.state("the order", func(s live.State) bool {
		return len(s.Effects) == 2 && s.Meter == live.Whole
	})
}

func TestAResetEndsWhatHangsAndBeginsAnew(t *testing.T) {
	p := show(t, toy.Variant(toy.None))
	unborn := p.begin(live.Command{Do: live.Next, Kind: fault.CrashAfterReply, Service: "till"})
	p.begin(live.Command{Do: live.Next, Kind: fault.Lost, Service: "client"})
	hanging := p.begin(success)
	waiting := p.begin(settle)
	p.await("the loss", func() bool { return slices.ContainsFunc(p.lines, dropped) })
	p.ask(live.Command{Do: live.Reset, Variant: "alone"})
	for _, id := range []int{unborn, hanging, waiting} {
		require.Equal(t, "the run has ended", p.reply(id).Error)
	}
	require.Equal(t, "alone", p.lines[0].Hello.Variant)
	require.Empty(t, p.events())
	require.Contains(t, p.refused(live.Command{Do: live.Reset, Variant: "wrong"}), "no variant")
	p.ask(success)
	require.Equal(t, 1, p.events()[0].Seq)
	require.Empty(t, p.ask(settle).Verdict.Findings)
}

func TestWhatIsNoCommandIsRefusedAndChangesNothing(t *testing.T) {
	p := show(t, toy.Variant(toy.None))
	for line, why := range map[string]string{
		"reset\n":                                    "id 0: not a command",
		`{"id":71,"do":"settle"` + "\n":              "id 0: not a command",
		`{"id":72,"do":"settle"} {}` + "\n":          "id 0: not a command",
		`{"do":"settle"}` + "\n":                     "id 0: not a command: its id",
		`{"id":73,"do":"play","szenario":""}` + "\n": "id 73: not a command",
		`{"id":74,"do":5}` + "\n":                    "id 74: not a command",
		strings.Repeat("x", 1<<20) + "\n":            "id 0: a command has at most 65536 bytes",
	} {
		p.mu.Lock()
		before := len(p.lines)
		p.mu.Unlock()
		p.write(line)
		p.await("an answer to "+line[:min(len(line), 40)], func() bool {
			return slices.ContainsFunc(p.lines[before:], func(l live.Line) bool {
				return l.Reply != nil
			})
		})
		p.mu.Lock()
		i := slices.IndexFunc(p.lines[before:], func(l live.Line) bool { return l.Reply != nil })
		r := p.lines[before+i].Reply
		p.mu.Unlock()
		text, err := json.Marshal(r.ID)
		require.NoError(t, err)
		require.Contains(t, "id "+string(text)+": "+r.Error, why, "%.40s", line)
	}
	p.id = 100
	order := func(key, item string) *live.Order {
		return &live.Order{Key: key, Customer: "ada", Item: item, Quantity: 1, Slot: "mon-am"}
	}
	for _, row := range []struct {
		live.Command
		why string
	}{
		{live.Command{}, `do not know how to do ""`},
		{live.Command{Do: "dance"}, `do not know how to do "dance"`},
		{live.Command{Do: live.Play, Scenario: "sucess"}, `no scenario "sucess"`},
		{live.Command{Do: live.Place}, "there is no order"},
		{live.Command{Do: live.Place, Order: order("", "tea")}, "missing"},
		{live.Command{Do: live.Place, Order: order("order 1", "tea")}, "at most 64 characters"},
		{live.Command{Do: live.Plan, Fault: "crash"}, "want KIND @ POINT"},
		{
			live.Command{Do: live.Plan, Fault: "lost @ shop -> tell: POST /charge order-1 #1"},
			`no "tell"`,
		},
		{live.Command{Do: live.Next, Kind: "flood"}, `no kind "flood"`},
		{live.Command{Do: live.Next, Kind: fault.Lost, Service: "tell"}, `no "tell"`},
		{
			live.Command{Do: live.Next, Kind: fault.Crash, Service: "client"},
			"cannot befall the client",
		},
		{
			live.Command{Do: live.Next, Kind: fault.CrashBefore, Service: "shop", Peer: "till"},
			"does not strike where a peer is asked",
		},
		{live.Command{Do: live.Crash}, "not running"},
		{live.Command{Do: live.Restart, Service: "till"}, "not down"},
		{live.Command{Do: live.Cut, Service: "shop"}, `no ""`},
		{live.Command{Do: live.Cut, Service: "shop", Peer: "shop"}, "no link to itself"},
	} {
		require.Contains(t, p.refused(row.Command), row.why, "%+v", row.Command)
	}
	require.Empty(t, p.events())
	p.ask(success)
	other := live.Command{Do: live.Place, Order: order("order-1", "coffee")}
	require.Contains(t, p.refused(other), "another order in this run")
	same := live.Command{Do: live.Place, Order: order("order-1", "tea")}
	require.Equal(t, 201, p.ask(same).Told[0].Status, "it is the same, asked for again")
	require.Empty(t, p.ask(settle).Verdict.Findings)
}

func TestCommandsUnderWayAreBounded(t *testing.T) {
	p := show(t, toy.Variant(toy.None))
	p.ask(live.Command{Do: live.Cut, Service: "shop", Peer: "till"})
	for range 63 {
		// The till asks no service.
		p.begin(live.Command{Do: live.Next, Kind: fault.CrashOnReply, Service: "till"})
	}
	hanging := p.begin(success)
	oneMore := live.Command{Do: live.Place, Order: &live.Order{Key: "mine"}}
	require.Equal(t, "64 commands are under way already", p.refused(oneMore))
	require.Equal(t, 503, p.reply(hanging).Told[0].Status)
	p.ask(live.Command{Do: live.Heal, Service: "shop", Peer: "till"})
	require.Empty(t, p.ask(settle).Verdict.Findings, "what was refused is not waited for")
	p.ask(live.Command{Do: live.Reset})
	p.ask(success)
	require.Empty(t, p.ask(settle).Verdict.Findings, "those that have ended count no more")
}

func TestAPageThatAsksAndDoesNotListenIsLeft(t *testing.T) {
	dir := labtest.OwnTemp(t)
	_, unread := io.Pipe()
	orders := strings.NewReader(strings.Repeat(`{"id":1,"do":"settle"}`+"\n", 1000))
	in := io.MultiReader(orders, never{t.Context()})
	err := serve.Live(t.Context(), toy.Chapter(), toy.Variant(toy.None), in, unread)
	require.EqualError(t, err, "256 commands wait already")
	labtest.Empty(t, dir, "the page did not listen")
}

func TestAChapterThatCannotGoOnSaysSoAtTheEnd(t *testing.T) {
	dir := labtest.OwnTemp(t)
	v := toy.Variant(toy.None)
	v.Services[1].Version = "of another chapter"
	var said bytes.Buffer
	err := serve.Live(t.Context(), toy.Chapter(), v, never{t.Context()}, &said)
	require.ErrorContains(t, err, "start till")
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	require.Len(t, lines, 2)
	require.Contains(t, lines[0], `{"hello":`)
	const failed = `{"failure":"start till: the process ended before it was ready: exit status 1"}`
	require.Contains(t, lines[1], failed)
	labtest.Empty(t, dir, "the chapter did not start")
}

// never is an input that does not end.
type never struct{ ctx context.Context }

func (n never) Read([]byte) (int, error) {
	<-n.ctx.Done()
	return 0, io.EOF
}

func TestLiveGoesWithAVariantOnly(t *testing.T) {
	for _, args := range []string{
		"-live -scenario success", "-live -serve", "-live -json", "-live shop",
		"-live -variant wrong",
	} {
		var said bytes.Buffer
		err := cli.Run(t.Context(), toy.Chapter(), strings.Fields(args), &said, io.Discard)
		var usage interface{ ExitCode() int }
		require.ErrorAs(t, err, &usage, args)
		require.Equal(t, 2, usage.ExitCode())
		require.Empty(t, said.String())
	}
}

// TestALiveChapterEndsWithItsPage ends in several ways what shows a live chapter:
// nothing is left behind.
func TestALiveChapterEndsWithItsPage(t *testing.T) {
	for name, leave := range map[string]func(p *os.Process, in, out io.Closer) error{
		"closes its input": func(_ *os.Process, in, _ io.Closer) error { return in.Close() },
		"is gone": func(_ *os.Process, in, out io.Closer) error {
			return errors.Join(out.Close(), in.Close())
		},
		"interrupts it": func(p *os.Process, _, _ io.Closer) error {
			return p.Signal(os.Interrupt)
		},
		"asks it to end": func(p *os.Process, _, _ io.Closer) error {
			return p.Signal(syscall.SIGTERM)
		},
		"kills it":            func(p *os.Process, _, _ io.Closer) error { return p.Kill() },
		"does not listen now": func(_ *os.Process, in, _ io.Closer) error { return in.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(labtest.ParentVariable, "of a page")
			dir := labtest.OwnTemp(t)
			exe, err := os.Executable()
			require.NoError(t, err)
			chapter := exec.Command(exe, "-live", "-variant", string(toy.None))
			in, err := chapter.StdinPipe()
			require.NoError(t, err)
			out, err := chapter.StdoutPipe()
			require.NoError(t, err)
			open, theirs, err := os.Pipe() // the services inherit its other end
			require.NoError(t, err)
			defer open.Close()
			chapter.Stderr = theirs
			require.NoError(t, chapter.Start())
			require.NoError(t, theirs.Close())
			orders := `{"id":1,"do":"next","kind":"lost","service":"client"}` + "\n" +
				`{"id":2,"do":"play","scenario":"success"}` + "\n"
			if name == "does not listen now" {
				const refused = `{"id":3,"do":"next","kind":"flood"}` + "\n"
				orders += strings.Repeat(refused, 250) // whose replies are more than a pipe holds
			}
			go func() { _, _ = io.WriteString(in, orders) }() // until it ends
			require.True(t, drops(out), "a request that is lost")
			require.NoError(t, leave(chapter.Process, in, out))
			_, err = chapter.Process.Wait()
			require.NoError(t, err)
			goneSaying(t, open)
			labtest.Empty(t, dir, "the page "+name)
		})
	}
}

// drops tells whether a chapter says that a message is lost.
func drops(said io.Reader) bool {
	lines := json.NewDecoder(said)
	for {
		var l live.Line
		if err := lines.Decode(&l); err != nil || dropped(l) {
			return err == nil
		}
	}
}

// goneSaying waits until no process is left that could say anything.
func goneSaying(t *testing.T, open *os.File) {
	t.Helper()
	require.NoError(t, open.SetReadDeadline(time.Now().Add(20*time.Second)))
	said, err := io.ReadAll(open)
	require.NoError(t, err, "a process runs on after its page has ended")
	require.Contains(t, []string{"", "stopped\n"}, string(said))
}
