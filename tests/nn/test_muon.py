import torch

from eda.nn.muon import Muon, orthogonal


def test_singular_values_become_about_one_and_vectors_stay():
    torch.manual_seed(0)
    for shape in ((3, 8, 8), (2, 12, 5), (5, 12)):
        matrices = torch.randn(shape)
        found = orthogonal(matrices)
        assert found.shape == matrices.shape
        values = torch.linalg.svdvals(found)
        assert (values > 0.6).all()
        assert (values < 1.3).all()
        # what is left between the two is symmetric: they have the same singular vectors
        between = found.mT @ matrices
        torch.testing.assert_close(between, between.mT, atol=1e-4, rtol=1e-4)


def test_each_matrix_of_a_stack_is_stepped_by_itself():
    torch.manual_seed(0)
    stack = torch.nn.Parameter(torch.randn(3, 6, 6))
    single = torch.nn.Parameter(stack[1].detach().clone())
    gradient = torch.randn(3, 6, 6)
    gradient[0] *= 1000
    for one, grad in ((stack, gradient), (single, gradient[1])):
        optimizer = Muon([one], 0.1)
        for _ in range(3):
            one.grad = grad.clone()
            optimizer.step()
    torch.testing.assert_close(stack[1], single)


def test_the_length_of_a_step_does_not_depend_on_the_gradient():
    torch.manual_seed(0)
    gradient = torch.randn(16, 16)
    changes = []
    for factor in (1e-4, 1.0):
        matrix = torch.nn.Parameter(torch.zeros(16, 16))
        optimizer = Muon([matrix], 0.5, decay=0.0)
        matrix.grad = factor * gradient
        optimizer.step()
        changes.append(matrix.detach())
    torch.testing.assert_close(changes[0], changes[1], atol=2e-3, rtol=1e-2)
    # about what AdamW changes, a fifth of the rate
    assert 0.05 < changes[1].square().mean().sqrt() < 0.15


def test_weights_decay_and_what_has_no_gradient_stays():
    decayed, still = (torch.nn.Parameter(torch.ones(4, 4)) for _ in range(2))
    decayed.grad = torch.zeros(4, 4)
    Muon([decayed, still], 0.5, decay=0.1).step()
    torch.testing.assert_close(decayed.detach(), torch.full((4, 4), 0.95))
    torch.testing.assert_close(still.detach(), torch.ones(4, 4))
