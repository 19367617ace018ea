from eda.simulation import Deck, Job, Simulation, Simulator, Status


class Backwards(Simulator):
    """Finishes the last job first."""

    version, closed = "test", False

    def run(self, jobs):
        for index in reversed(range(len(jobs))):
            yield index, Simulation(Status.OK, log=str(index))

    def close(self):
        self.closed = True


def test_simulate_keeps_the_order_of_the_jobs_and_leaving_the_context_closes():
    with Backwards() as simulator:
        results = simulator.simulate([Job(Deck("", "", {}, (), ()))] * 4)
        assert [r.log for r in results] == ["0", "1", "2", "3"]
        assert not simulator.closed
    assert simulator.closed
